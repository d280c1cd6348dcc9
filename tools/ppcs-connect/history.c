/* SPDX-License-Identifier: MIT */
/* Between the history file and the handle: what is taken over, and what is written down. */
#include "history.h"

#include "history_file.h"
#include "settings.h"

#include "tools/cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATH_MAX_BYTES 4096

/* A file that was there and could not be read is not written either. */
static bool unusable;
/* What the handle began with. */
static struct history_peer before;

static int64_t wall_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec > 0 ? (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 : 0;
}

static const char *words(int err)
{
	switch (-err) {
	case EBADMSG:
		return "damaged";
	case ENOTSUP:
		return "written by another release";
	default:
		return strerror(-err);
	}
}

static const char *file_path(char path[PATH_MAX_BYTES])
{
	const char *base = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	int len;

	if (settings.no_history)
		return NULL;
	if (settings.history)
		return settings.history;
	if (base && *base == '/')
		len = snprintf(path, PATH_MAX_BYTES, "%s/linekeeper/ppcs-history", base);
	else if (home && *home)
		len = snprintf(path, PATH_MAX_BYTES, "%s/.local/state/linekeeper/ppcs-history",
			       home);
	else
		return NULL;
	return len > 0 && len < PATH_MAX_BYTES ? path : NULL;
}

/* The port that won last time goes first. */
static void prefer_port(struct ppcs *p, const struct history_peer *peer)
{
	static const uint16_t usual[] = { 40611, 32100, 32108, 10000, 80, 57743 };
	uint16_t ports[PPCS_MAX_PORTS];
	size_t count = 0;

	if (settings.ports.count > 0 || peer->won_port == 0 || peer->won_mode == PPCS_RELAY)
		return;
	ports[count++] = peer->won_port;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (usual[i] != peer->won_port)
			ports[count++] = usual[i];
	ppcs_set_ports(p, ports, count);
}

static void take_over(struct ppcs *p, const struct history_peer *peer)
{
	for (size_t i = 0; i < peer->path_count; i++)
		ppcs_set_path_statistics(p, &peer->paths[i]);
	if (peer->uid[0])
		ppcs_set_uid_hint(p, peer->uid);
	prefer_port(p, peer);
	before = *peer;
}

void history_load(struct ppcs *p, const char *peer)
{
	struct history history = { 0 };
	char buffer[PATH_MAX_BYTES];
	const char *path = file_path(buffer);
	int err;

	if (!path)
		return;
	err = history_read(path, wall_clock_ms(), &history);
	if (err && err != -ENOENT) {
		unusable = true;
		cli_message("history %s: %s; going on without it", path, words(err));
	}
	if (!err) {
		const struct history_peer *known = history_find(&history, peer);

		if (known)
			take_over(p, known);
	}
	history_free(&history);
}

static bool worth_a_line(const struct ppcs_path_statistics *path)
{
	return path->port == 0 || path->srtt_ms > 0 || path->failures > 0;
}

static bool changed(const struct ppcs_path_statistics *path)
{
	const struct ppcs_path_statistics *old = history_path(&before, path->mode, path->port);

	return !old || old->failures != path->failures || old->weight != path->weight ||
	       old->srtt_ms != path->srtt_ms || old->rttvar_ms != path->rttvar_ms;
}

static void fill(struct ppcs *p, const struct ppcs_report *report, int64_t now,
		 struct history_peer *peer)
{
	struct ppcs_path_statistics path;
	bool fresh = peer->path_count == 0;

	peer->time = now / 1000;
	/* What this race has left as it was somebody else may have changed meanwhile. */
	for (size_t i = 0; ppcs_get_path_statistics(p, i, &path) == 0; i++)
		if (worth_a_line(&path) && (fresh || changed(&path)))
			history_put_path(peer, &path);
	if (!report->success)
		return;
	peer->won_mode = report->mode;
	/* Not that of a directory server. */
	if (memcmp(report->destination.ip, report->peer.ip, sizeof(report->peer.ip)) == 0)
		peer->won_port = report->destination.port;
	/* What cannot be read again must not be written. */
	if (ppcs_uid_normalise(report->uid, peer->uid))
		peer->uid[0] = '\0';
}

void history_save(struct ppcs *p, const struct ppcs_report *report, const char *name)
{
	char buffer[PATH_MAX_BYTES];
	const char *path = file_path(buffer);
	struct history_peer *peer;
	struct history history = { 0 };
	int64_t now;
	int lock, err;

	if (!path || unusable || report->verdict == PPCS_VERDICT_CANCELLED ||
	    strlen(name) >= HISTORY_NAME_MAX)
		return;
	lock = history_lock(path, path == buffer);
	now = wall_clock_ms();
	err = lock < 0 ? lock : history_read(path, now, &history);
	if (err == -ENOENT)
		err = 0;
	if (!err) {
		peer = history_add(&history, name);
		err = peer ? 0 : -ENOMEM;
	}
	if (!err) {
		fill(p, report, now, peer);
		err = history_write(path, now, &history);
	}
	/* Where nobody asked for it, a home that cannot be written is no mishap. */
	if (err && path != buffer)
		cli_message("history %s: %s", path, words(err));
	history_free(&history);
	history_unlock(lock);
}
