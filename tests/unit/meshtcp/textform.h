/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MESHTCP_TEXTFORM_H
#define TESTS_MESHTCP_TEXTFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The text form of protobuf: `my_info { my_node_num: 1 pio_env: "native" }`. */

struct text_field {
	char path[96]; /**< names with dots between */
	char value[80];
	bool is_string;
	uint8_t data[400]; /**< of a string, without its quotes and escapes */
	size_t size;
};

/** Call FN with each field that has a value. Fails the test when the text is no such form. */
void textform_each(const char *text, void (*fn)(const struct text_field *field, void *userdata),
		   void *userdata);

#endif
