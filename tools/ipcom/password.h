/* SPDX-License-Identifier: MIT */
/* The password: from a file, an option, the environment, or whoever sits at the terminal. */
#ifndef TOOLS_IPCOM_PASSWORD_H
#define TOOLS_IPCOM_PASSWORD_H

#include "tools/cli/cli.h"

/*
 * 0 with the password, or an exit status with the failure told. It is asked for once, and known
 * until password_forget(). The frame has wiped it from argv already.
 */
int password_get(struct cli *cli, const char **ret);
void password_forget(void);

#endif
