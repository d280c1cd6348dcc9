/* SPDX-License-Identifier: MIT */
/*
 * What the commands share: one connection to the node, from the options to the exit status.
 *
 *	struct link link;
 *	const struct meshtcp_event *event;
 *	uint32_t id;
 *	int status = link_open(&link, cli, "set-time", MESHTCP_DOWNLOAD_CONFIG);
 *	if (!status)
 *		status = link_result(&link, meshtcp_write_time(link.m, …, &id), &id, &event);
 *	return link_close(&link, status);
 *
 * Unless said otherwise functions return 0, or an exit status with the failure told.
 */
#ifndef TOOLS_MESHTCP_COMMON_H
#define TOOLS_MESHTCP_COMMON_H

#include "tools/cli/cli.h"
#include "tools/meshtcp/share_socket.h"

#include <meshtcp/meshtcp.h>

/* Longest section of the configuration, and longest payload. */
#define DATA_MAX   512
#define NOTICE_MAX 160
#define WHY_MAX    256

struct link {
	struct cli *cli;
	const char *command; /* for messages */
	struct meshtcp *m;
	const struct meshtcp_nodes *nodes; /* NULL before link_names() */
	bool connected;                    /* the node took the connection, once */
	bool ready;                        /* it could be talked to, once */
	char notice[NOTICE_MAX];           /* what the node wants its user to know */
	char share[SHARE_PATH_MAX];        /* the share that leads to the node; "" = none does */
	bool lost;                         /* it is gone: link_mend() */
	int64_t retry_at;
};

/* A handle as the options want it. A stream takes its time to connect again. */
int link_prepare(struct link *link, struct cli *cli, const char *command, bool streaming,
		 enum meshtcp_download download);
/* Begins to connect, which goes on by itself; through a share that holds the node here. */
int link_connect(struct link *link);
/* A stream, before it waits `left` ms: tries for the share that is lost. How long to wait. */
int link_mend(struct link *link, int left);
/* Both, for one request or a few. */
int link_open(struct link *link, struct cli *cli, const char *command,
	      enum meshtcp_download download);

/* Waits until the download is complete. */
int link_ready(struct link *link);
/* How long a stream may wait now: to the end of --duration; until it is ready, of --timeout too. */
int link_time_left(const struct link *link);
/* Takes a snapshot of the nodes, in place of the one before. */
int link_names(struct link *link);

/* Gives the requests that follow the rest of --timeout; link_result() has done so already. */
void link_expect(struct link *link);
/*
 * Waits for the result of a request. 0, its error, or -ECANCELED when the tool is to end. The event
 * is valid until the next one is taken; NULL when there is none.
 */
int link_await(struct link *link, uint32_t id, const struct meshtcp_event **ret_event);
/* The same for a request that was just made, with what making it has returned. */
int link_result(struct link *link, int err, const uint32_t *id,
		const struct meshtcp_event **ret_event);
/* Keeps what an event tells about the connection. */
void link_note(struct link *link, const struct meshtcp_event *event);

/* What -ETIMEDOUT means: no answer, or no connection and why not. Other errors stay. */
int link_reason(struct link *link, int err);
/* Words for an error, with what the node said of it. The event may be NULL. */
void link_words(const struct link *link, int err, const struct meshtcp_event *event,
		char why[WHY_MAX]);
/* Nobody to talk to was named. Wrong usage. */
int link_no_host(void);
/* This process has the node, 0: it is not known which. The status of what is refused here. */
int link_in_use(const struct link *link, int pid);
/* "meshtcp: COMMAND: why"; returns the exit status. Silent for -ECANCELED. */
int link_fail(struct link *link, int err, const struct meshtcp_event *event);

/* Says goodbye to the node, frees everything and returns the status. */
int link_close(struct link *link, int status);

#endif
