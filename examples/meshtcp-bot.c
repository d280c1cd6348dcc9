/* SPDX-License-Identifier: MIT */
/*
 * Answers every direct text message with what it was and how it came: events of a shared connection
 * in a loop of its own, while the library's threads keep the line.
 *
 *     meshtcp-bot HOST
 */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <meshtcp/meshtcp.h>

static void answer(struct meshtcp *m, const struct meshtcp_packet *packet)
{
	char text[200], from[MESHTCP_NODE_TEXT];
	struct meshtcp_info info;
	uint32_t id;

	/* Not what everybody may read, and nothing that waited in the node for an hour. */
	if (packet->port != MESHTCP_PORT_TEXT || packet->encrypted || packet->history ||
	    meshtcp_get_info(m, &info) < 0 || packet->to != info.num)
		return;
	meshtcp_node_text(packet->from, from);
	/* A payload is no C string. */
	snprintf(text, sizeof(text), "%s: \"%.*s\" came with %.1f dB over %d hops", from,
		 packet->size < 100 ? (int)packet->size : 100, (const char *)packet->payload,
		 (double)packet->rx_snr, packet->hops);
	if (meshtcp_send_text(m, packet->from, 0, text, true, &id) == 0)
		printf("answering %s with packet %u\n", from, id);
}

static void handle(struct meshtcp *m, const struct meshtcp_event *event)
{
	switch (event->type) {
	case MESHTCP_EVENT_STATE:
		printf("%s (%s)\n", meshtcp_state_name(event->state),
		       meshtcp_reason_name(event->reason));
		break;
	case MESHTCP_EVENT_PACKET:
		answer(m, event->packet);
		break;
	case MESHTCP_EVENT_RESULT:
		printf("packet %u: %s\n", event->id, meshtcp_send_state_name(event->send_state));
		break;
	default:
		break;
	}
	fflush(stdout);
}

static int serve(struct meshtcp *m)
{
	struct pollfd fds[2] = {
		{ .fd = meshtcp_get_fd(m), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	const struct meshtcp_event *event;
	char ignored[256];

	for (;;) {
		meshtcp_dispatch(m);
		while ((event = meshtcp_next_event(m)) != NULL)
			handle(m, event);
		if (poll(fds, 2, -1) < 0)
			return 1;
		/* The end of standard input is the end of the bot. */
		if (fds[1].revents && read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0)
			return 0;
	}
}

int main(int argc, char **argv)
{
	struct meshtcp *m = NULL;
	int error, status = 1;

	if (argc != 2) {
		fprintf(stderr, "usage: meshtcp-bot HOST\n");
		return 2;
	}
	error = meshtcp_new(&m);
	if (error == 0)
		error = meshtcp_set_address(m, argv[1], 4403);
	if (error == 0)
		error = meshtcp_connect(m);
	if (error == 0)
		status = serve(m);
	else
		fprintf(stderr, "%s: %s\n", argv[1], meshtcp_strerror(error));
	meshtcp_free(m);
	return status;
}
