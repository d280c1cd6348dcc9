/* SPDX-License-Identifier: MIT */
/*
 * --dump: the packets of a race and of its session as a pcap file. They come from the log of the
 * library at its most detailed level, where device keys are masked.
 */
#ifndef TOOLS_PPCS_CONNECT_DUMP_H
#define TOOLS_PPCS_CONNECT_DUMP_H

/* Creates or empties the file, readable for its owner alone. 0 or a negative errno. */
int dump_open(const char *path);
/* The log callback: notes packets and hands all on to cli_log(). */
void dump_log(void *userdata, int level, const char *text);
/* 0, or the negative errno of the first write that failed. */
int dump_close(void);

#endif
