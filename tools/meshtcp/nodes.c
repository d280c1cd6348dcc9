/* SPDX-License-Identifier: MIT */
/* NODE as typed, and nodes as they are shown. */
#include "tools/meshtcp/nodes.h"
#include "tools/cli/output.h"

#include <stdio.h>
#include <string.h>

bool node_number(const char *text, uint32_t *ret_num)
{
	bool bare = text[strspn(text, "0123456789")] == '\0';
	bool marked = text[0] == '!' || text[0] == '^' || strncmp(text, "0x", 2) == 0;

	/* Eight hex digits without a mark may be a name: that is for the node list to say. */
	return (bare || marked) && meshtcp_nodes_find(NULL, text, ret_num) == 1;
}

enum meshtcp_download node_download(const char *text, enum meshtcp_download enough)
{
	uint32_t num;

	if (!node_number(text, &num))
		return MESHTCP_DOWNLOAD_ALL;
	/* Of itself the node tells its number. */
	if (num == MESHTCP_LOCAL && enough == MESHTCP_DOWNLOAD_NONE)
		return MESHTCP_DOWNLOAD_CONFIG;
	return enough;
}

int node_single(const char *command, const char *text)
{
	uint32_t num;

	if (node_number(text, &num) && num == MESHTCP_BROADCAST)
		return cli_usage("%s: '%.100s' is not one node", command, text);
	return 0;
}

static int ambiguous(const struct link *link, const char *text, size_t count)
{
	cli_message("%s: '%.100s' is the name of %zu nodes: give the number of one", link->command,
		    text, count);
	return CLI_EXIT_USAGE;
}

int link_node(struct link *link, const char *text, uint32_t *ret_num)
{
	size_t found;
	int status;

	if (node_number(text, ret_num))
		return 0;
	status = link_ready(link);
	if (!status)
		status = link_names(link);
	if (status)
		return status;
	found = meshtcp_nodes_find(link->nodes, text, ret_num);
	if (found > 1)
		return ambiguous(link, text, found);
	if (found == 1)
		return 0;
	cli_message("%s: '%.100s': no such node is known", link->command, text);
	return CLI_EXIT_REFUSED;
}

const char *node_label(const struct link *link, uint32_t num, char label[NODE_LABEL])
{
	const struct meshtcp_node *node = meshtcp_nodes_get(link->nodes, num);

	if (num == MESHTCP_BROADCAST)
		snprintf(label, NODE_LABEL, "all");
	else if (node && *node->user.short_name)
		snprintf(label, NODE_LABEL, "%s", node->user.short_name);
	else
		meshtcp_node_text(num, label);
	return label;
}
