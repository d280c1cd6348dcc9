/* SPDX-License-Identifier: MIT */
/* From the options to a handle: what does not go together is said before anything is sent. */
#include "settings.h"

#include "dump.h"

#include "tools/cli/address.h"
#include "tools/cli/output.h"
#include "tools/cli/trace.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#define AUTO       "auto"
#define MAX_WEIGHT 1000

struct settings settings = {
	.key = AUTO,
	.until = 1,
	.max_ms = 30000,
	.port_ms = 5000,
	.weights = { -1, -1, -1 },
	.wait_ms = 2000,
	.pipe = PPCS_CHANNELS,
	.quit_ms = -1,
	.search_port = PPCS_SEARCH_PORT,
};

static int mode_of(const char *word, size_t len)
{
	for (int mode = 0; mode < PPCS_MODES; mode++) {
		const char *name = ppcs_mode_name((enum ppcs_mode)mode);

		if (strlen(name) == len && memcmp(name, word, len) == 0)
			return mode;
	}
	return -1;
}

int settings_parse_weights(const char *text, void *dest, const char **why)
{
	int *weights = dest;

	*why = "wanted are numbers from 0 to 1, such as p2p=1,lan=0.8,relay=0.5";
	while (*text) {
		size_t len = strcspn(text, ",");
		const char *equals = memchr(text, '=', len);
		int mode = equals ? mode_of(text, (size_t)(equals - text)) : -1;
		char number[8];
		int64_t value;
		size_t digits;

		if (mode < 0)
			return -EINVAL;
		digits = len - (size_t)(equals + 1 - text);
		if (digits == 0 || digits >= sizeof(number))
			return -EINVAL;
		memcpy(number, equals + 1, digits);
		number[digits] = '\0';
		if (cli_decimal(number, 3, 0, MAX_WEIGHT, &value))
			return -EINVAL;
		weights[mode] = (int)value;
		text += len;
		if (*text == ',' && !*++text)
			return -EINVAL;
	}
	return 0;
}

/* The library names the error, the option is ours to name. */
static int complain(const char *option, const char *value, int err)
{
	if (err == -EINVAL)
		return cli_usage("--%s: %s: not such a value", option, value);
	if (err == -EBUSY)
		return cli_usage("--%s: too many", option);
	cli_message("--%s: %s", option, ppcs_strerror(err));
	return CLI_EXIT_REFUSED;
}

static int add_places(struct ppcs *p, const char *option, const struct cli_list *list,
		      int (*add)(struct ppcs *, const char *, uint16_t))
{
	for (size_t i = 0; i < list->count; i++) {
		char host[CLI_HOST_MAX];
		uint16_t port = PPCS_SERVER_PORT;
		int err = 0;

		if (strcmp(list->item[i], AUTO) == 0 && add == ppcs_add_relay)
			err = ppcs_set_relay_search(p, true);
		else if (cli_host_port(list->item[i], 1, host, &port))
			err = -EINVAL;
		else
			err = add(p, host, port);
		if (err)
			return complain(option, list->item[i], err);
	}
	return 0;
}

static int add_far(struct ppcs *p)
{
	int status = add_places(p, "server", &settings.servers, ppcs_add_server);

	for (size_t i = 0; i < settings.init_strings.count && !status; i++) {
		int err = ppcs_add_init_string(p, settings.init_strings.item[i]);

		if (err)
			status = complain("init-string", settings.init_strings.item[i], err);
	}
	if (!status)
		status = add_places(p, "relay", &settings.relays, ppcs_add_relay);
	return status;
}

static int set_ports(struct ppcs *p)
{
	uint16_t ports[CLI_NUMBERS_MAX];
	int err;

	if (settings.ports.count == 0)
		return 0;
	if (settings.ports.count > PPCS_MAX_PORTS)
		return cli_usage("--ports: more than %d", PPCS_MAX_PORTS);
	for (size_t i = 0; i < settings.ports.count; i++)
		ports[i] = (uint16_t)settings.ports.item[i];
	err = ppcs_set_ports(p, ports, settings.ports.count);
	return err ? cli_usage("--ports: a port stands there twice") : 0;
}

static int set_identity(struct ppcs *p)
{
	const char *key = settings.key;
	int err = ppcs_set_uid(p, settings.uid);

	if (err)
		return complain("uid", settings.uid, err);
	if (strcmp(key, AUTO) == 0)
		key = NULL;
	else if (strcmp(key, "none") == 0)
		key = "";
	err = ppcs_set_key(p, key);
	if (err)
		return cli_usage("--key: longer than %d bytes", PPCS_MAX_KEY);
	err = ppcs_set_dsk(p, settings.dsk);
	return err ? cli_usage("--dsk: longer than %d bytes", PPCS_MAX_DSK) : 0;
}

/* --timeout is the limit of every tool, --max-time the one of this race: the shorter one counts. */
static unsigned time_of_race(struct cli *cli)
{
	int left;

	if (cli_source(cli, "timeout") == CLI_BUILT_IN)
		return (unsigned)settings.max_ms;
	left = cli_time_left(cli);
	if (cli_source(cli, "max-time") != CLI_BUILT_IN && settings.max_ms < left)
		left = settings.max_ms;
	return left > 0 ? (unsigned)left : 1;
}

/* The setters refuse nothing that the options have let through; the first error counts. */
static int set_race(struct cli *cli, struct ppcs *p)
{
	static const enum ppcs_walk walks[] = { PPCS_FAN_OUT, PPCS_SEQUENTIAL };
	static const enum ppcs_level levels[] = { PPCS_LEVEL_PATH, PPCS_LEVEL_VERIFIED };
	int err = ppcs_set_walk(p, walks[settings.walk]);

	if (!err)
		err = ppcs_set_until(p, levels[settings.until]);
	if (!err)
		err = ppcs_set_timeout(p, time_of_race(cli));
	if (!err)
		err = ppcs_set_attempt_timeout(p, (unsigned)settings.port_ms);
	if (!err)
		err = ppcs_set_broadcast(p, settings.broadcast);
	if (!err)
		err = ppcs_set_search_port(p, settings.search_port);
	if (!err && settings.tcp_relay)
		err = ppcs_set_relay_tcp(p, settings.tcp_relay);
	if (!err && settings.no_p2p)
		err = ppcs_set_mode(p, PPCS_P2P, false);
	if (!err && settings.no_lan)
		err = ppcs_set_mode(p, PPCS_LAN, false);
	for (int mode = 0; mode < PPCS_MODES && !err; mode++)
		if (settings.weights[mode] >= 0)
			err = ppcs_set_weight(p, (enum ppcs_mode)mode,
					      (unsigned)settings.weights[mode]);
	if (!err && settings.dump)
		err = ppcs_set_log(p, PPCS_LOG_WIRE, dump_log, NULL);
	else if (!err && cli_log_level() >= 0)
		err = ppcs_set_log(p, (enum ppcs_log_level)cli_log_level(), cli_log, NULL);
	return err;
}

static bool relay_auto(void)
{
	for (size_t i = 0; i < settings.relays.count; i++)
		if (strcmp(settings.relays.item[i], AUTO) == 0)
			return true;
	return false;
}

/* What a file or the environment says of these is for calls that have use for it. */
static int check_pipe(struct cli *cli)
{
	if (settings.pipe == PPCS_CHANNELS)
		return cli_source(cli, "quit-after") == CLI_ARGV ?
			       cli_usage("--quit-after needs --pipe") :
			       0;
	if (cli_source(cli, "json") == CLI_ARGV)
		return cli_usage("--pipe and --json exclude each other: standard output is for "
				 "the data of the channel");
	cli->json = false;
	return 0;
}

static int check_together(const char *address)
{
	bool servers = settings.servers.count + settings.init_strings.count > 0;
	bool relay = settings.relays.count > 0 || settings.tcp_relay;

	if (settings.search && settings.hold_ms)
		return cli_usage("--search and --hold exclude each other");
	if (settings.search && settings.pipe < PPCS_CHANNELS)
		return cli_usage("--search and --pipe exclude each other");
	if (settings.search)
		return 0;
	if ((servers || relay) && !settings.uid)
		return cli_usage("directory servers and relays need --uid");
	if ((relay_auto() || settings.tcp_relay) && !servers)
		return cli_usage("this relay needs --server or --init-string");
	if (!address && !servers && !relay && !settings.broadcast)
		return cli_usage("missing ADDRESS");
	if (settings.no_p2p && settings.no_lan && !relay)
		return cli_usage("--no-p2p and --no-lan leave no way to go");
	return 0;
}

int settings_apply(struct cli *cli, struct ppcs *p, const char *address)
{
	char host[CLI_HOST_MAX];
	int status = check_together(address);
	int err = 0;

	if (!status)
		status = check_pipe(cli);
	if (status)
		return status;
	if (address && cli_host(address, host))
		return cli_usage("'%.100s' is no address", address);
	if (address)
		err = ppcs_set_address(p, host);
	if (err)
		return complain("address", address, err);
	status = set_identity(p);
	if (!status)
		status = set_ports(p);
	if (!status)
		status = add_far(p);
	if (status)
		return status;
	err = set_race(cli, p);
	if (err) {
		cli_message("%s", ppcs_strerror(err));
		return CLI_EXIT_USAGE;
	}
	return 0;
}

static bool resolves(const char *text)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found;
	char host[CLI_HOST_MAX];
	uint16_t port;

	if (strcmp(text, AUTO) == 0)
		return true;
	if (cli_host_port(text, 1, host, &port) || getaddrinfo(host, NULL, &hints, &found))
		return false;
	freeaddrinfo(found);
	return true;
}

const char *settings_unresolved(const char *address)
{
	const struct cli_list *lists[] = { &settings.servers, &settings.relays };

	if (address && !resolves(address))
		return address;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t k = 0; k < lists[i]->count; k++)
			if (!resolves(lists[i]->item[k]))
				return lists[i]->item[k];
	return NULL;
}
