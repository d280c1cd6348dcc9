/* SPDX-License-Identifier: MIT */
/* info: the own node. channels: its channels. */
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/meshtcp/commands.h"
#include "tools/meshtcp/common.h"
#include "tools/meshtcp/options.h"
#include "tools/meshtcp/words.h"

#include <inttypes.h>
#include <string.h>

const struct cli_option info_options[] = {
	SHOW_KEYS_OPTION,
	{ .name = NULL },
};

static void json_channel(struct cli_json *json, const struct meshtcp_channel *channel)
{
	cli_json_uint(json, "index", channel->index);
	cli_json_string(json, "role", channel_role(channel->role));
	cli_json_string(json, "name", channel->name);
	if (options.show_keys)
		cli_json_hex(json, "psk", channel->psk, channel->psk_size);
}

/* The primary channel may go by the name of the modem preset. */
static void print_channel(const char *before, const struct meshtcp_info *info,
			  const struct meshtcp_channel *channel)
{
	const char *preset = meshtcp_preset_name(info->modem_preset);
	const char *name = channel->name;

	if (*name == '\0')
		name = channel->role == 1 && info->use_preset && preset ? preset : "-";
	cli_print("%s%u %s ", before, channel->index, channel_role(channel->role));
	cli_print_text(name, strlen(name));
	if (options.show_keys)
		cli_print(" %s", channel->psk_size > 0 ? "" : "none");
	for (size_t i = 0; options.show_keys && i < channel->psk_size; i++)
		cli_print("%02x", channel->psk[i]);
	cli_print_end();
}

static void json_words(struct cli_json *json, const struct meshtcp_info *info)
{
	word_json(json, "hw_model", meshtcp_hw_model_name(info->hw_model), info->hw_model);
	word_json(json, "role", meshtcp_role_name(info->role), info->role);
	cli_json_string(json, "firmware", *info->firmware ? info->firmware : NULL);
	if (info->has_lora)
		word_json(json, "region", meshtcp_region_name(info->region), info->region);
	else
		cli_json_null(json, "region");
	if (info->has_lora && info->use_preset)
		word_json(json, "modem_preset", meshtcp_preset_name(info->modem_preset),
			  info->modem_preset);
	else
		cli_json_null(json, "modem_preset");
}

static void print_json(const struct meshtcp_info *info)
{
	bool named = *info->user.long_name || *info->user.short_name;
	struct cli_json json = { 0 };

	cli_json_begin(&json);
	cli_json_uint(&json, "num", info->num);
	cli_json_uint(&json, "id", info->num);
	cli_json_string(&json, "long_name", named ? info->user.long_name : NULL);
	cli_json_string(&json, "short_name", named ? info->user.short_name : NULL);
	json_words(&json, info);
	cli_json_uint(&json, "nodes", info->node_count);
	cli_json_array(&json, "channels");
	for (unsigned i = 0; i < MESHTCP_CHANNELS; i++) {
		if (info->channels[i].role == 0)
			continue;
		cli_json_object(&json, NULL);
		json_channel(&json, &info->channels[i]);
		cli_json_end(&json);
	}
	cli_json_end(&json);
	cli_json_line(&json);
	cli_json_free(&json);
}

static void print_text(const struct meshtcp_info *info)
{
	const char *modem = meshtcp_preset_name(info->modem_preset);
	char word[WORD_MAX], node[MESHTCP_NODE_TEXT];

	meshtcp_node_text(info->num, node);
	cli_print("node %s ", node);
	cli_print_text(info->user.short_name, strlen(info->user.short_name));
	cli_print(" ");
	cli_print_text(info->user.long_name, strlen(info->user.long_name));
	cli_print_end();
	cli_line("hardware %s",
		 word_text(meshtcp_hw_model_name(info->hw_model), info->hw_model, word));
	cli_line("role %s", word_text(meshtcp_role_name(info->role), info->role, word));
	cli_print("firmware ");
	cli_print_text(info->firmware, strlen(info->firmware));
	cli_print_end();
	if (info->has_lora)
		cli_line("region %s",
			 word_text(meshtcp_region_name(info->region), info->region, word));
	if (info->has_lora)
		cli_line("modem %s",
			 info->use_preset ? word_text(modem, info->modem_preset, word) : "custom");
	cli_line("nodes %" PRIu32, info->node_count);
	for (unsigned i = 0; i < MESHTCP_CHANNELS; i++)
		if (info->channels[i].role != 0)
			print_channel("channel ", info, &info->channels[i]);
}

static void print_channels(const struct cli *cli, const struct meshtcp_info *info)
{
	for (unsigned i = 0; i < MESHTCP_CHANNELS; i++) {
		const struct meshtcp_channel *channel = &info->channels[i];
		struct cli_json json = { 0 };

		if (channel->role == 0)
			continue;
		if (!cli->json) {
			print_channel("", info, channel);
			continue;
		}
		cli_json_begin(&json);
		json_channel(&json, channel);
		cli_json_line(&json);
		cli_json_free(&json);
	}
}

static int get_info(struct link *link, struct meshtcp_info *info)
{
	int status = link_ready(link);
	int err = status ? 0 : meshtcp_get_info(link->m, info);

	return err ? link_fail(link, err, NULL) : status;
}

int cmd_info(struct cli *cli, int argc, char **argv)
{
	struct meshtcp_info info;
	struct link link;
	int status = link_open(&link, cli, "info", MESHTCP_DOWNLOAD_ALL);

	(void)argc;
	(void)argv;
	if (!status)
		status = get_info(&link, &info);
	if (!status && cli->json)
		print_json(&info);
	else if (!status)
		print_text(&info);
	return link_close(&link, status);
}

int cmd_channels(struct cli *cli, int argc, char **argv)
{
	struct meshtcp_info info;
	struct link link;
	int status = link_open(&link, cli, "channels", MESHTCP_DOWNLOAD_CONFIG);

	(void)argc;
	(void)argv;
	if (!status)
		status = get_info(&link, &info);
	if (!status)
		print_channels(cli, &info);
	return link_close(&link, status);
}
