/* SPDX-License-Identifier: MIT */
/*
 * Prints what happens at a controller, in a loop of its own around poll(): one descriptor of the
 * library beside standard input, whose end stops the program.
 *
 *     qlink-watch HOST
 */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <qlink/qlink.h>

static void print_event(const struct qlink_event *event)
{
	char load[QLINK_LOAD_TEXT];

	switch (event->type) {
	case QLINK_EVENT_LOAD:
	case QLINK_EVENT_STATION_LOAD:
	case QLINK_EVENT_VARIABLE:
		qlink_load_format(event->load, load);
		printf("%s is at %d %%\n", load, event->level);
		break;
	case QLINK_EVENT_BUTTON:
		printf("button %u of station %u on master %u %s\n", event->button, event->station,
		       event->master, event->state ? "pressed" : "released");
		break;
	case QLINK_EVENT_DISCONNECTED:
	case QLINK_EVENT_CONNECT_FAILED:
		printf("no line: %s\n", qlink_strerror(event->error));
		break;
	default:
		printf("%s\n", qlink_event_name(event->type));
	}
}

static int watch(struct qlink *q)
{
	struct pollfd fds[2] = {
		{ .fd = qlink_get_fd(q), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	const struct qlink_event *event;
	char ignored[256];
	int error;

	for (;;) {
		while ((event = qlink_next_event(q)) != NULL)
			print_event(event);
		fflush(stdout);
		if (poll(fds, 2, -1) < 0)
			return 1;
		if (fds[1].revents && read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0)
			return 0;
		error = qlink_dispatch(q);
		if (error < 0) {
			fprintf(stderr, "qlink: %s\n", qlink_strerror(error));
			return 1;
		}
	}
}

int main(int argc, char **argv)
{
	struct qlink *q = NULL;
	int error;
	int status = 1;

	if (argc != 2) {
		fprintf(stderr, "usage: qlink-watch HOST\n");
		return 2;
	}
	error = qlink_new(&q);
	if (error == 0)
		error = qlink_set_address(q, argv[1], 3041);
	if (error == 0)
		error = qlink_set_monitoring(q, QLINK_MONITOR_ALL);
	if (error == 0)
		error = qlink_connect(q);
	if (error == 0)
		status = watch(q);
	else
		fprintf(stderr, "%s: %s\n", argv[1], qlink_strerror(error));
	qlink_free(q);
	return status;
}
