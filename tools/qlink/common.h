/* SPDX-License-Identifier: MIT */
/*
 * What the commands of qlink share: the tool's options, arguments made into numbers, and a job,
 * which is a handle at work for one command. Unless said otherwise functions return an exit status,
 * and when it is not 0 they have told the user why.
 */
#ifndef TOOLS_QLINK_COMMON_H
#define TOOLS_QLINK_COMMON_H

#include "tools/cli/cli.h"

#include <qlink/qlink.h>

/* Longest time that the library takes for a request. */
#define TIMEOUT_MAX_MS 3600000

/* The options of the tool, beside the shared ones. */
struct settings {
	uint16_t query_port;
	int mode;  /* as enum qlink_mode */
	int style; /* 0 regular, 1 detailed, -1 not given */
	bool crlf;
	bool program;
	unsigned gap_ms;
	unsigned connections;
};

extern struct settings settings;

/* A positional number: its name in messages and its range. */
struct place {
	const char *name;
	unsigned min, max;
};

#define PLACE_MASTER            \
	{                       \
		"MASTER", 1, 15 \
	}
#define PLACE_STATION             \
	{                         \
		"STATION", 1, 189 \
	}

/* The words argv[0] to argv[count - 1] as the numbers of their places. */
int parse_numbers(const struct place *places, size_t count, char **argv, unsigned *numbers);
/* The index of a word in a list that ends with NULL. */
int parse_word(const char *name, const char *const *words, const char *text, unsigned *index);
int parse_load(const char *text, struct qlink_load *load);
/* Words for 0 and 1. */
extern const char *const off_on[];

#define WHAT_MAX   128
#define REASON_MAX 128

struct job {
	struct cli *cli;
	struct qlink *q;
	int64_t deadline_ms; /* the end of --timeout */
	bool finishing;      /* a signal does not end it any more */
	char what[WHAT_MAX]; /* begins its messages: "get 101" */
};

/* Makes a request of the library; 0 or what the library says. */
typedef int request_fn(struct qlink *q, const void *arguments, uint32_t *ret_id);

/* A command that is one request: how to make it, and what of its answer to print, if anything. */
struct one_shot {
	const char *name;
	request_fn *make;
	void (*print)(const struct cli *cli, const void *arguments,
		      const struct qlink_event *answer);
};

int one_shot(struct cli *cli, const struct one_shot *shot, const void *arguments, int argc,
	     char **argv);

/*
 * A handle as the options want it, made for a single command: not connected. The words are for
 * messages. job_end() is to be called also after a failure.
 */
int job_begin(struct job *job, struct cli *cli, const char *name, int argc, char **argv);
void job_end(struct job *job);
/* Would this request be taken? Asked before anything is sent or connected. */
int job_check(struct job *job, request_fn *make, const void *arguments);
int job_connect(struct job *job);
/* Another handle, connecting. The old one sends nothing more before it is sure of its line, and an
 * answer that is missing may stay so. */
void job_renew(struct job *job);
/* A request and its answer, which is valid until the next event is taken. */
int job_ask(struct job *job, request_fn *make, const void *arguments,
	    const struct qlink_event **answer);
/* Says why, and returns the exit status for an error; silent when a signal ended the command. */
int job_failed(const struct job *job, int err, int device_error);
/* Words for an error; device_error is what the controller said with -EIO. */
void error_words(char text[REASON_MAX], int err, int device_error);

/* In pieces; these return 0 or a negative errno, -EINTR when the command is to end. */
int job_request(struct job *job, request_fn *make, const void *arguments,
		const struct qlink_event **answer);
int job_await(struct job *job, uint32_t id, const struct qlink_event **answer);
/* Waits once and lets the library work; -ETIMEDOUT at the deadline, which is -1 for never. */
int job_turn(struct job *job, int64_t deadline_ms);
/* What it means that the time is up: connected and no answer, or why there was no connection. */
int job_timeout(const struct job *job);

#endif
