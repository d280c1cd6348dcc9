/* SPDX-License-Identifier: MIT */
/* The node that is administered: the one that is connected, or that of --node. */
#include "tools/meshtcp/admin.h"
#include "tools/cli/output.h"
#include "tools/meshtcp/options.h"

static int find_node(struct link *link, uint32_t *ret_node)
{
	struct meshtcp_info info;
	int status = link_ready(link);

	*ret_node = MESHTCP_LOCAL;
	if (!status && options.node)
		status = link_node(link, options.node, ret_node);
	/* It may be named by its number. */
	if (!status && meshtcp_get_info(link->m, &info) == 0 && info.num == *ret_node)
		*ret_node = MESHTCP_LOCAL;
	return status;
}

int admin_open(struct link *link, struct cli *cli, const char *command, const char *word,
	       uint32_t *ret_node)
{
	enum meshtcp_download download = MESHTCP_DOWNLOAD_CONFIG;
	int status = options.node ? node_single(command, options.node) : 0;

	*link = (struct link){ .cli = cli, .command = command };
	if (status)
		return status;
	if (word)
		download = node_download(word, download);
	if (options.node)
		download = node_download(options.node, download);
	status = link_open(link, cli, command, download);
	return status ? status : find_node(link, ret_node);
}

int admin_writable(struct link *link, uint32_t node)
{
	struct meshtcp_info info;

	if (node != MESHTCP_LOCAL || meshtcp_get_info(link->m, &info) || !info.is_managed)
		return 0;
	cli_message("%s: refused: the node is managed and takes changes from its administrators "
		    "alone",
		    link->command);
	return CLI_EXIT_REFUSED;
}
