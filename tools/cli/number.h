/* SPDX-License-Identifier: MIT */
/*
 * Strict numbers: the whole text has to be the number, in ASCII digits, whatever the locale is.
 * No blanks, no plus sign, no exponent, no "inf", no base but ten.
 * All return 0, -EINVAL (not such a number) or -ERANGE (one, but outside min to max).
 */
#ifndef TOOLS_CLI_NUMBER_H
#define TOOLS_CLI_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#define CLI_NUMBERS_MAX 256

struct cli_numbers {
	unsigned item[CLI_NUMBERS_MAX];
	size_t count;
};

int cli_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret);

/*
 * A number with at most `digits` (0 to 9) decimals, as an integer of 10^-digits: "21.5" with one
 * digit is 215. A minus sign is taken when `min` is negative. min and max are in the same units.
 */
int cli_decimal(const char *text, unsigned digits, int64_t min, int64_t max, int64_t *ret);

/* Seconds with up to three decimals, as milliseconds. */
int cli_seconds(const char *text, int min_ms, int max_ms, int *ret_ms);

/*
 * A list such as "1-3,5", in the order given; ranges go upwards.
 * -E2BIG for more than CLI_NUMBERS_MAX of them.
 */
int cli_number_list(const char *text, unsigned min, unsigned max, struct cli_numbers *ret);

#endif
