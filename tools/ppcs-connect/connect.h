/* SPDX-License-Identifier: MIT */
/* The jobs of ppcs-connect, each an exit status. */
#ifndef TOOLS_PPCS_CONNECT_CONNECT_H
#define TOOLS_PPCS_CONNECT_CONNECT_H

#include "tools/cli/cli.h"

#include <ppcs/ppcs.h>

/* How a session that was held went. */
struct hold {
	bool held;
	int64_t elapsed_ms;
	struct ppcs_statistics counted;
	uint64_t channel_bytes[PPCS_CHANNELS]; /* received */
	uint64_t unsent;                       /* not acknowledged */
	uint64_t unwritten;                    /* received, but not taken by standard output */
	int error;                             /* why it was lost, or 0 */
	const char *ended;                     /* "done", "closed", "silent" or "other" */
};

/* The command: a race, or with --search a search. */
int cmd_connect(struct cli *cli, int argc, char **argv);

/* search.c: lists who answers, on a handle with its options set. */
int search_run(struct cli *cli, struct ppcs *p);

/* hold.c: keeps the session alive for --hold and closes it. */
int hold_run(struct ppcs *p, struct hold *hold);
/* Notes what an event says about the session. True when that is over. */
bool hold_note(struct hold *hold, const struct ppcs_event *event);
/* Takes the counters, before the session is closed. */
void hold_count(const struct ppcs *p, struct hold *hold, int64_t start_ms);
/* Words for a session that was lost. */
const char *hold_lost(const struct hold *hold);

/* pipe.c: connects standard input and output to the channel of --pipe. */
int pipe_run(struct ppcs *p, struct hold *hold);

/* live.c: the lines on the terminal while the race runs. */
void live_update(struct ppcs *p, const char *target);

/* report_text.c: what came out, for people. `to_stderr`: as messages. */
void report_racers(const struct ppcs_report *report, bool to_stderr);
int report_success(const struct ppcs_report *report, bool to_stderr);
int report_hold(const struct hold *hold, bool to_stderr);

/* report_json.c: the one object of --json; 0 or a negative errno. */
int report_json(const struct ppcs_report *report, const struct hold *hold);

/* The exit status for the error of a race. */
int exit_for(const struct ppcs_report *report);

#endif
