/* SPDX-License-Identifier: MIT */
/* Strict numbers, independent of the locale and without floating point. */
#include "tools/cli/number.h"

#include <errno.h>
#include <stdbool.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads digits and moves *text behind them; at least one has to stand there. */
static int digits_at(const char **text, uint64_t *ret)
{
	const char *p = *text;
	bool overflow = false;
	uint64_t value = 0;

	if (!is_digit(*p))
		return -EINVAL;
	for (; is_digit(*p); p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (value > (UINT64_MAX - digit) / 10)
			overflow = true;
		value = value * 10 + digit;
	}
	*text = p;
	*ret = value;
	return overflow ? -ERANGE : 0;
}

int cli_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t value;
	int err = digits_at(&text, &value);

	if (err == -EINVAL || *text)
		return -EINVAL;
	if (err || value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

/* Reads the decimals behind the point into a number of exactly `digits` places. */
static int decimals_at(const char **text, unsigned digits, uint64_t *ret)
{
	const char *p = *text;
	uint64_t value = 0;

	if (*p == '.') {
		p++;
		if (!is_digit(*p))
			return -EINVAL;
		for (; digits > 0 && is_digit(*p); digits--, p++)
			value = value * 10 + (unsigned)(*p - '0');
	}
	for (; digits > 0; digits--)
		value *= 10;
	*text = p;
	*ret = value;
	return 0;
}

int cli_decimal(const char *text, unsigned digits, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = min < 0 && *text == '-';
	uint64_t whole, part, unit = 1;
	int64_t value;
	int err;

	for (unsigned i = 0; i < digits; i++)
		unit *= 10;
	if (negative)
		text++;
	err = digits_at(&text, &whole);
	if (err == -EINVAL || decimals_at(&text, digits, &part) || *text)
		return -EINVAL;
	if (err || whole > ((uint64_t)INT64_MAX - part) / unit)
		return -ERANGE;
	value = (int64_t)(whole * unit + part);
	if (negative)
		value = -value;
	if (value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int cli_seconds(const char *text, int min_ms, int max_ms, int *ret_ms)
{
	int64_t value;
	int err = cli_decimal(text, 3, min_ms, max_ms, &value);

	if (err)
		return err;
	*ret_ms = (int)value;
	return 0;
}

static int range_at(const char **text, uint64_t *first, uint64_t *last)
{
	int err = digits_at(text, first);

	if (err)
		return err;
	*last = *first;
	if (**text != '-')
		return 0;
	(*text)++;
	return digits_at(text, last);
}

int cli_number_list(const char *text, unsigned min, unsigned max, struct cli_numbers *ret)
{
	struct cli_numbers list = { .count = 0 };

	for (;; text++) {
		uint64_t first, last;
		int err = range_at(&text, &first, &last);

		if (err)
			return err;
		if (*text && *text != ',')
			return -EINVAL;
		if (last < first)
			return -EINVAL;
		if (first < min || last > max)
			return -ERANGE;
		if (last - first >= CLI_NUMBERS_MAX - list.count)
			return -E2BIG;
		for (uint64_t n = first; n <= last; n++)
			list.item[list.count++] = (unsigned)n;
		if (!*text)
			break;
	}
	*ret = list;
	return 0;
}
