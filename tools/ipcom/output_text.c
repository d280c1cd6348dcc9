/* SPDX-License-Identifier: MIT */
/* An output as people write it. */
#include "tools/ipcom/output_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Digits at *text, which moves behind them; anything above 99 is as good as 99. */
static int number_at(const char **text, unsigned *ret)
{
	size_t len = strspn(*text, "0123456789");
	unsigned number = 0;

	if (len == 0)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		number = number * 10 + (unsigned)((*text)[i] - '0');
		if (number > 99)
			number = 99;
	}
	*text += len;
	*ret = number;
	return 0;
}

int output_parse(const char *text, struct ipcom_output *ret)
{
	struct ipcom_output output;

	if (number_at(&text, &output.module) || *text++ != '.' ||
	    number_at(&text, &output.output) || *text)
		return -EINVAL;
	if (output.module < 1 || output.module > IPCOM_MODULES || output.output < 1 ||
	    output.output > IPCOM_OUTPUTS)
		return -ERANGE;
	*ret = output;
	return 0;
}

void output_format(struct ipcom_output output, char text[OUTPUT_TEXT])
{
	snprintf(text, OUTPUT_TEXT, "%u.%u", output.module % 100, output.output % 100);
}
