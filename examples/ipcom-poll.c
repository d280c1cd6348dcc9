/* SPDX-License-Identifier: MIT */
/*
 * Prints what changes, and toggles an output at each line of standard input such as "3.4", in a
 * loop of its own around poll(): one descriptor of the library beside standard input.
 *
 *     IPCOM_PASSWORD=… ipcom-poll HOST USER
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <ipcom/ipcom.h>

static void print_event(const struct ipcom_event *event)
{
	switch (event->type) {
	case IPCOM_EVENT_CHANGED:
		printf("%u.%u was %u, is %u\n", event->output.module, event->output.output,
		       event->old_value, event->value);
		break;
	case IPCOM_EVENT_STATE:
		printf("%s%s%s\n", ipcom_state_name(event->state), event->error ? ": " : "",
		       event->error ? ipcom_strerror(event->error) : "");
		break;
	case IPCOM_EVENT_RESULT:
		/* With no error a snapshot has confirmed it. */
		printf("request %u: %s\n", event->id, ipcom_strerror(event->error));
		break;
	default:
		break;
	}
}

/* Returns 1 for a line, 0 at the end of standard input. */
static int take_line(struct ipcom *c)
{
	struct ipcom_output output;
	char line[64], *rest;
	/* One read of a terminal is one line; a program would collect the pieces of a pipe. */
	ssize_t size = read(STDIN_FILENO, line, sizeof(line) - 1);
	int error;

	if (size <= 0)
		return 0;
	line[size] = '\0';
	output.module = (unsigned)strtoul(line, &rest, 10);
	output.output = *rest == '.' ? (unsigned)strtoul(rest + 1, NULL, 10) : 0;
	/* The library looks at the numbers. */
	error = ipcom_output_toggle(c, output, NULL);
	if (error < 0)
		printf("%s\n", ipcom_strerror(error));
	return 1;
}

static int run(struct ipcom *c)
{
	struct pollfd fds[2] = {
		{ .fd = ipcom_get_fd(c), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	const struct ipcom_event *event;
	int error;

	for (;;) {
		while ((event = ipcom_next_event(c)) != NULL)
			print_event(event);
		fflush(stdout);
		if (poll(fds, 2, -1) < 0)
			return 1;
		if (fds[1].revents && take_line(c) == 0)
			return 0;
		error = ipcom_dispatch(c);
		if (error < 0) {
			fprintf(stderr, "ipcom: %s\n", ipcom_strerror(error));
			return 1;
		}
	}
}

int main(int argc, char **argv)
{
	const char *password = getenv("IPCOM_PASSWORD");
	struct ipcom *c = NULL;
	int status = 1;
	int error;

	if (argc != 3 || !password) {
		fprintf(stderr, "usage: IPCOM_PASSWORD=... ipcom-poll HOST USER\n");
		return 2;
	}
	error = ipcom_new(&c);
	if (error == 0)
		error = ipcom_set_address(c, argv[1], 5000);
	if (error == 0)
		error = ipcom_set_credentials(c, argv[2], password);
	if (error == 0)
		error = ipcom_connect(c);
	if (error == 0) {
		status = run(c);
		ipcom_disconnect_sync(c, 2000);
	} else {
		fprintf(stderr, "%s: %s\n", argv[1], ipcom_strerror(error));
	}
	ipcom_free(c);
	return status;
}
