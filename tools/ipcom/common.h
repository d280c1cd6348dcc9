/* SPDX-License-Identifier: MIT */
/*
 * What the commands share: one session with the device, from the options to the exit status.
 *
 *	struct link link;
 *	int status = link_open(&link, cli, "dump");
 *	if (!status)
 *		status = link_connect(&link, false);
 *	if (!status)
 *		status = link_snapshot(&link, values);
 *	return link_close(&link, status);
 */
#ifndef TOOLS_IPCOM_COMMON_H
#define TOOLS_IPCOM_COMMON_H

#include "tools/ipcom/house.h"

struct link {
	struct cli *cli;
	const char *command; /* for messages */
	struct house house;
	struct ipcom *ipcom; /* NULL before link_prepare() */
	bool ready;          /* a snapshot came, once */
	bool sent;           /* all of a request went out */
	size_t waiting;      /* requests without a result */
	int error;           /* of the first that failed, or what forbids to go on */
	unsigned unreadable; /* answers */
	bool no_cipher;      /* the device does not encrypt, and may not go without */
	uint8_t answer[4];   /* to a login that was refused */
	size_t answer_size;
};

/* Each returns 0, or an exit status with the failure told. */

/* Reads the devices file; nothing of the device is asked yet. */
int link_open(struct link *link, struct cli *cli, const char *command);
/* The same without the devices file, for what needs no names; cannot fail. */
void link_bare(struct link *link, struct cli *cli, const char *command);
/* Makes the handle of the options; streaming is what `watch` does. */
int link_prepare(struct link *link, bool streaming);
/* The same, and begins to connect, which goes on by itself within --timeout. */
int link_connect(struct link *link, bool streaming);
/* All outputs as they are now. */
int link_snapshot(struct link *link, uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS]);

/* For the next requests, within what the library takes. */
void link_set_timeout(struct link *link, int timeout_ms);
/* Gives the next requests the rest of --timeout, and forgets the result of those before. */
void link_expect(struct link *link);
/* Waits for the `waiting` requests. 0, the first error, -ECANCELED when the tool is to end. */
int link_await(struct link *link);
/* Keeps what an event tells about the session. */
void link_note(struct link *link, const struct ipcom_event *event);

/* "ipcom: what failed: why" for an error; returns its exit status. */
int link_fail(const struct link *link, int err);
/* The words of it, without the tool. */
void link_explain(const struct link *link, const char *what, int err, char text[CLI_WHY_MAX]);

/* Tells the device that this is the end, and waits a moment for it to go. */
void link_disconnect(struct link *link, int status);
/* The same, frees everything and returns the status. */
int link_close(struct link *link, int status);

#endif
