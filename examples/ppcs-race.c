/* SPDX-License-Identifier: MIT */
/*
 * Looks for several cameras at once in one loop, says how each race goes, and keeps the sessions
 * until standard input ends.
 *
 *     ppcs-race ADDRESS...
 */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <ppcs/ppcs.h>

#define MAX_CAMERAS 16

static void print_event(const char *camera, const struct ppcs_event *event)
{
	switch (event->type) {
	case PPCS_EVENT_ATTEMPT_ANSWERED:
		printf("%s: %s answers on the way %s\n", camera, event->uid,
		       ppcs_mode_name(event->mode));
		break;
	case PPCS_EVENT_CONNECTED:
		printf("%s: connected via %s in %u ms\n", camera, ppcs_mode_name(event->mode),
		       event->elapsed_ms);
		break;
	case PPCS_EVENT_RESULT:
		printf("%s: %s\n", camera, event->report->text);
		break;
	case PPCS_EVENT_DATA:
		printf("%s: %zu bytes on channel %u\n", camera, event->size, event->channel);
		break;
	case PPCS_EVENT_CLOSED:
		printf("%s: closed: %s\n", camera, ppcs_strerror(event->error));
		break;
	default:
		break;
	}
	fflush(stdout);
}

/* One turn: wait for any of them, and let all do what is due. */
static int turn(char **cameras, struct ppcs **handles, nfds_t count)
{
	struct pollfd fds[MAX_CAMERAS + 1] = { { .fd = STDIN_FILENO, .events = POLLIN } };
	const struct ppcs_event *event;
	char ignored[256];

	for (nfds_t i = 0; i < count; i++) {
		while ((event = ppcs_next_event(handles[i])) != NULL)
			print_event(cameras[i], event);
		fds[i + 1] = (struct pollfd){ .fd = ppcs_get_fd(handles[i]), .events = POLLIN };
	}
	if (poll(fds, count + 1, -1) < 0)
		return -1;
	if (fds[0].revents && read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0)
		return -1;
	for (nfds_t i = 0; i < count; i++)
		if (fds[i + 1].revents && ppcs_dispatch(handles[i]) < 0)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	struct ppcs *handles[MAX_CAMERAS] = { NULL };
	nfds_t count = 0;

	if (argc < 2 || argc - 1 > MAX_CAMERAS) {
		fprintf(stderr, "usage: ppcs-race ADDRESS...\n");
		return 2;
	}
	for (char **camera = argv + 1; *camera; camera++) {
		int error = ppcs_new(&handles[count]);

		if (error < 0)
			break;
		error = ppcs_set_address(handles[count], *camera);
		if (error == 0)
			error = ppcs_connect(handles[count]);
		if (error < 0)
			fprintf(stderr, "%s: %s\n", *camera, ppcs_strerror(error));
		count++;
	}
	while (turn(argv + 1, handles, count) == 0)
		;
	/* Each device whose path was up is told CLOSE. */
	for (nfds_t i = 0; i < count; i++)
		ppcs_free(handles[i]);
	return 0;
}
