/* SPDX-License-Identifier: MIT */
/*
 * A node on loopback in a thread of its own, for tests of the threads of libmeshtcp: it serves one
 * connection, the newest, with a small download; it takes packets, answers heartbeats, and can be
 * told to misbehave.
 */
#ifndef TESTS_TORTURE_MESHTCP_NODE_H
#define TESTS_TORTURE_MESHTCP_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** What has to hold. */
#define must(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

struct test_node;

/** How it treats its client. */
enum node_manner {
	NODE_KIND,
	NODE_HANGS_UP, /**< closes as soon as the download is complete */
	NODE_STALLS,   /**< stops in the middle of the download */
	NODE_DEAF,     /**< reads nothing after the download */
	NODE_SILENT    /**< reads, and says nothing after the download */
};

struct node_counts {
	unsigned connections; /**< ever */
	unsigned together;    /**< most at one time */
	unsigned downloads, packets, heartbeats, goodbyes;
};

struct test_node *node_start(enum node_manner manner);
void node_stop(struct test_node *n);
uint16_t node_port(const struct test_node *n);
struct node_counts node_counts(struct test_node *n);
void node_set_manner(struct test_node *n, enum node_manner manner);
/** Close the connection, or reset it. */
void node_hang_up(struct test_node *n, bool reset);
/** Send a text from another node to the client as soon as it is ready; kept until then. */
void node_text(struct test_node *n, uint32_t id);

/** A port on which connecting hangs: its backlog is full. node_unplug() ends it. */
uint16_t node_plug(int fds[64]);
void node_unplug(int fds[64]);

/** Descriptors and threads of this process. */
struct level {
	unsigned descriptors, threads;
};
struct level level_now(void);
/** As many as then; a thread that was joined needs a moment to be gone for the kernel as well. */
void must_be_level(struct level before);
/** Wait for standard input. @return whether there is something to read, or its end */
bool node_input_ended(int timeout_ms);
int64_t test_now_ms(void);

#endif
