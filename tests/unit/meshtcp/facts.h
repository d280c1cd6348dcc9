/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MESHTCP_FACTS_H
#define TESTS_MESHTCP_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the library makes of a message, as lines PATH=VALUE that a file can be compared with. */

#define FACTS_MAX 160

struct fact {
	char path[96];
	char value[1100];
	char word[40]; /**< of a value that has a name */
	bool typed;    /**< from a struct; else from the walker */
	bool used;     /**< compared with something */
	unsigned count;
};

struct facts {
	struct fact at[FACTS_MAX];
	size_t count;
	bool failed; /**< something said -EBADMSG, or the walker failed */
};

/** All that is known of a message from the node, or to it. */
void facts_from_radio(struct facts *f, const uint8_t *data, size_t size);
void facts_to_radio(struct facts *f, const uint8_t *data, size_t size);

/** Fails the test unless every fact with this path has this value, and one has it or it is a
 *  default. */
void facts_expect(struct facts *f, const char *path, const char *value);
/** Likewise; the value is a string, of which the facts may have the bytes. */
void facts_expect_string(struct facts *f, const char *path, const uint8_t *data, size_t size);
/** Fails the test when a struct says something else than the walker. */
void facts_agree(struct facts *f);
/** Fails the test when the walker told something that was not expected. */
void facts_all_used(const struct facts *f);

/** @name For those who find facts
 * @{ */
struct fact *facts_add(struct facts *f, bool typed, const char *path);
void facts_number(struct facts *f, const char *path, double value);
void facts_hex(struct facts *f, const char *path, const uint8_t *data, size_t size);
void facts_text(struct facts *f, const char *path, const char *text);
/** In typed.c: what the structs say. */
void facts_typed(struct facts *f, const uint8_t *data, size_t size);
void facts_typed_packet(struct facts *f, const uint8_t *data, size_t size);
/** @} */

#endif
