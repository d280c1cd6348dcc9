/* SPDX-License-Identifier: MIT */
/* An output as people write it: MODULE.OUTPUT. */
#ifndef TOOLS_IPCOM_OUTPUT_TEXT_H
#define TOOLS_IPCOM_OUTPUT_TEXT_H

#include <ipcom/ipcom.h>

/* "16.8" and the NUL. */
#define OUTPUT_TEXT 8

/* 0, -EINVAL when it is no such text, -ERANGE when it is one of no output. */
int output_parse(const char *text, struct ipcom_output *ret);
void output_format(struct ipcom_output output, char text[OUTPUT_TEXT]);

#endif
