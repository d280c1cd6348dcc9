/* SPDX-License-Identifier: MIT */
/*
 * The library in a thread of its own: a handle belongs to one thread at a time, so the others send
 * that thread what they want through a pipe. Here main() sends each line "MODULE.OUTPUT VALUE" of
 * standard input; closing the pipe ends the thread.
 *
 *     IPCOM_PASSWORD=… ipcom-thread HOST USER
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <ipcom/ipcom.h>

struct worker {
	struct ipcom *c; /* the thread's alone once it runs */
	int wishes;      /* the end of the pipe to read from */
};

static void take_events(struct ipcom *c)
{
	const struct ipcom_event *event;

	while ((event = ipcom_next_event(c)) != NULL) {
		if (event->type == IPCOM_EVENT_CHANGED)
			printf("%u.%u is %u\n", event->output.module, event->output.output,
			       event->value);
		else if (event->type == IPCOM_EVENT_RESULT && event->error)
			printf("request %u: %s\n", event->id, ipcom_strerror(event->error));
		else if (event->type == IPCOM_EVENT_STATE)
			printf("%s\n", ipcom_state_name(event->state));
	}
	fflush(stdout);
}

/* Returns 0 at the end of the pipe. A write of so few bytes arrives in one piece. */
static int take_wish(struct worker *w)
{
	struct ipcom_setting wish;
	int error;

	if (read(w->wishes, &wish, sizeof(wish)) != (ssize_t)sizeof(wish))
		return 0;
	error = ipcom_outputs_set(w->c, &wish, 1, NULL);
	if (error < 0)
		printf("%s\n", ipcom_strerror(error));
	return 1;
}

static void *work(void *argument)
{
	struct worker *w = argument;
	struct pollfd fds[2] = {
		{ .fd = ipcom_get_fd(w->c), .events = POLLIN },
		{ .fd = w->wishes, .events = POLLIN },
	};

	for (;;) {
		take_events(w->c);
		if (poll(fds, 2, -1) < 0)
			break;
		if (fds[1].revents && !take_wish(w))
			break;
		if (ipcom_dispatch(w->c) < 0)
			break;
	}
	ipcom_disconnect_sync(w->c, 2000);
	take_events(w->c);
	return NULL;
}

/* What any other thread may do meanwhile. The library looks at the numbers. */
static void send_wishes(int pipe)
{
	struct ipcom_setting wish;
	char line[64], *rest;

	while (fgets(line, sizeof(line), stdin)) {
		wish.output.module = (unsigned)strtoul(line, &rest, 10);
		wish.output.output = *rest == '.' ? (unsigned)strtoul(rest + 1, &rest, 10) : 0;
		wish.value = (unsigned)strtoul(rest, NULL, 10);
		if (write(pipe, &wish, sizeof(wish)) < 0)
			break;
	}
}

static int run(struct ipcom *c)
{
	struct worker worker = { .c = c };
	pthread_t thread;
	int ends[2];

	if (pipe(ends) < 0)
		return 1;
	worker.wishes = ends[0];
	if (pthread_create(&thread, NULL, work, &worker) == 0) {
		send_wishes(ends[1]);
		close(ends[1]);
		pthread_join(thread, NULL);
	} else {
		close(ends[1]);
	}
	close(ends[0]);
	return 0;
}

int main(int argc, char **argv)
{
	const char *password = getenv("IPCOM_PASSWORD");
	struct ipcom *c = NULL;
	int status = 1;
	int error;

	if (argc != 3 || !password) {
		fprintf(stderr, "usage: IPCOM_PASSWORD=... ipcom-thread HOST USER\n");
		return 2;
	}
	error = ipcom_new(&c);
	if (error == 0)
		error = ipcom_set_address(c, argv[1], 5000);
	if (error == 0)
		error = ipcom_set_credentials(c, argv[2], password);
	if (error == 0)
		error = ipcom_connect(c);
	if (error == 0)
		status = run(c);
	else
		fprintf(stderr, "%s: %s\n", argv[1], ipcom_strerror(error));
	ipcom_free(c);
	return status;
}
