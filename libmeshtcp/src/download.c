/* SPDX-License-Identifier: MIT */
/*
 * The download (section 6): asked for with a nonce, filed by kind in whatever order it comes, and
 * put into the place of the old one when its end mark is there. Nothing else is sent meanwhile.
 */
#include "state.h"

#include <errno.h>
#include <string.h>

#define WAKE_BYTES   32
#define WAKE_BYTE    0xc3
#define WAKE_MS      100
#define RECORD_MS    10000 /* without a record: ask once more */
#define AGAIN_MS     30000 /* still none: the connection is of no use */
#define WHOLE_MS     300000
#define HELD_MS      50
#define QUIET_MS     250 /* nothing came for so long: the node reads again */
#define NONCE_CONFIG 69420
#define NONCE_NODES  69421

uint32_t meshtcp_own_num(const struct session *s)
{
	return s->has_store ? s->store.info.num : 0;
}

static uint32_t choose_nonce(struct session *s)
{
	uint32_t nonce;

	if (s->asked == MESHTCP_DOWNLOAD_CONFIG)
		return NONCE_CONFIG;
	do {
		nonce = cmn_prng_next(&s->prng);
	} while (nonce == 0 || nonce == NONCE_CONFIG || nonce == NONCE_NODES);
	return nonce;
}

void meshtcp_download_drop(struct session *s)
{
	meshtcp_store_free(&s->fresh);
	meshtcp_database_free(&s->fresh_nodes);
	s->downloading = false;
}

static void ask(struct session *s, uint64_t now)
{
	uint8_t frame[FRAME_MAX_BYTES];

	s->nonce = choose_nonce(s);
	s->record_ms = now;
	/* Without memory, or room behind other frames, a little later. */
	s->nonce_at = meshtcp_output_add(s, frame, meshtcp_want_config_encode(frame, s->nonce)) ?
			      NEVER :
			      now + HELD_MS;
}

void meshtcp_download_begin(struct session *s, uint64_t now)
{
	uint8_t wake[WAKE_BYTES];

	meshtcp_download_drop(s);
	s->downloading = true;
	s->asked = s->config.download;
	s->asked_ms = now;
	s->record_ms = now;
	s->asked_again = false;
	memset(wake, WAKE_BYTE, sizeof(wake));
	meshtcp_output_add(s, wake, sizeof(wake));
	s->nonce_at = now + WAKE_MS;
}

/* Another device answers here: what was known is of no use. */
static void check_own(struct session *s, uint64_t now)
{
	struct meshtcp_event event = { .type = MESHTCP_EVENT_OTHER_NODE,
				       .node = s->fresh.info.num };

	if (!s->has_store || s->store.info.num == s->fresh.info.num)
		return;
	/* What was meant for the one is not to be done by the other. */
	meshtcp_request_finish_all(s, -ECONNRESET, now);
	meshtcp_database_free(&s->nodes);
	memset(s->passkeys, 0, sizeof(s->passkeys));
	memset(&s->seen, 0, sizeof(s->seen));
	meshtcp_session_emit(s, &event, 0, now);
}

/* Nodes that only came over the air since are kept; a download of the configuration alone leaves
 * the others as they are. */
static void merge_nodes(struct session *s)
{
	for (size_t i = 0; i < s->fresh_nodes.count; i++) {
		struct meshtcp_node *n = meshtcp_database_get(&s->nodes, s->fresh_nodes.at[i].num);

		if (n)
			*n = s->fresh_nodes.at[i];
	}
}

/* A known node with another key than before is a warning sign. */
static void check_keys(struct session *s, uint64_t now)
{
	for (size_t i = 0; i < s->fresh_nodes.count; i++) {
		const struct meshtcp_user *new = &s->fresh_nodes.at[i].user;
		const struct meshtcp_node *old =
			meshtcp_database_find(&s->nodes, s->fresh_nodes.at[i].num);
		struct meshtcp_event event = { .type = MESHTCP_EVENT_KEY_CHANGED,
					       .node = s->fresh_nodes.at[i].num };

		if (old && old->user.has_public_key &&
		    new->has_public_key &&memcmp(old->user.public_key, new->public_key,
						 sizeof(new->public_key)) != 0)
			meshtcp_session_emit(s, &event, 0, now);
	}
}

static void swap(struct session *s, uint64_t now)
{
	check_own(s, now);
	check_keys(s, now);
	meshtcp_store_free(&s->store);
	s->store = s->fresh;
	memset(&s->fresh, 0, sizeof(s->fresh));
	if (s->asked == MESHTCP_DOWNLOAD_ALL) {
		meshtcp_database_free(&s->nodes);
		s->nodes = s->fresh_nodes;
		memset(&s->fresh_nodes, 0, sizeof(s->fresh_nodes));
	} else {
		merge_nodes(s);
		meshtcp_database_free(&s->fresh_nodes);
	}
	s->has_store = true;
	s->have = s->asked;
}

static void complete(struct session *s, uint64_t now)
{
	/* Without its own number this was no download. */
	if (!s->fresh.has_my_info)
		return;
	swap(s, now);
	s->downloading = false;
	s->heard_ms = now;
	s->quiet_at = now + QUIET_MS;
	s->statistics.downloads++;
	s->statistics.download_ms = now - s->asked_ms;
	if (s->was_ready && s->lost_ms != 0) {
		s->statistics.reconnects++;
		s->statistics.downtime_ms += now - s->lost_ms;
	}
	s->lost_ms = 0;
	s->was_ready = true;
	s->ready_ms = now;
	meshtcp_session_set_state(s, MESHTCP_STATE_READY, MESHTCP_REASON_NONE, 0, now);
	meshtcp_download_more(s, now);
}

/* Nothing may be said in the middle of a download: who wants more of it has to wait for its end. */
void meshtcp_download_more(struct session *s, uint64_t now)
{
	bool asked = s->downloading && s->nonce_at == NEVER;

	if (s->state != MESHTCP_STATE_READY && s->state != MESHTCP_STATE_DOWNLOADING)
		return;
	if (asked || (s->has_store && s->have <= s->config.download) ||
	    s->config.download == MESHTCP_DOWNLOAD_NONE)
		return;
	if (s->downloading) {
		s->asked = s->config.download;
		return;
	}
	meshtcp_session_set_state(s, MESHTCP_STATE_DOWNLOADING, MESHTCP_REASON_NONE, 0, now);
	meshtcp_download_begin(s, now);
}

static void take_node(struct session *s, const struct from_message *m)
{
	struct meshtcp_node node, *place;

	if (meshtcp_node_decode(m->data, m->size, &node) < 0) {
		s->statistics.undecodable++;
		return;
	}
	place = meshtcp_database_get(s->downloading ? &s->fresh_nodes : &s->nodes, node.num);
	if (place)
		*place = node;
}

bool meshtcp_download_message(struct session *s, const struct from_message *m, const uint8_t *data,
			      size_t size, uint64_t now)
{
	struct store *store = s->downloading ? &s->fresh : &s->store;

	s->record_ms = now;
	switch (m->member) {
	case FROM_CONFIG_COMPLETE:
		if (s->downloading && s->nonce_at == NEVER && (uint32_t)m->number == s->nonce)
			complete(s, now);
		return true;
	case FROM_NODE_INFO:
		take_node(s, m);
		return true;
	case FROM_MY_INFO:
		/* Of an older request; the own number changes with a download alone. */
		if (!s->downloading)
			return true;
		/* The first one of all: the node has begun anew. */
		if (s->fresh.has_my_info) {
			meshtcp_store_free(&s->fresh);
			meshtcp_database_free(&s->fresh_nodes);
		}
		/* fall through */
	case FROM_CONFIG:
	case FROM_MODULE:
	case FROM_CHANNEL:
	case FROM_METADATA:
	case FROM_FILE_INFO:
	case FROM_DISPLAY:
	case FROM_REGION_PRESETS:
		/* Outside a download only what was asked for by an admin request could come; the
		 * rest belongs to an older request. */
		if (s->downloading || s->has_store)
			meshtcp_store_add(store, m, data, size);
		return true;
	default:
		return false;
	}
}

/* While packets come the node is still sending, and throws away what it is told. */
uint64_t meshtcp_download_settled_at(const struct session *s)
{
	if (s->state != MESHTCP_STATE_READY || s->downloading)
		return NEVER;
	return s->config.download == MESHTCP_DOWNLOAD_NONE ? 0 : s->quiet_at;
}

void meshtcp_download_tick(struct session *s, uint64_t now)
{
	if (!s->downloading || !s->open)
		return;
	if (now >= s->nonce_at) {
		ask(s, now);
		return;
	}
	if (now - s->asked_ms >= WHOLE_MS || (s->asked_again && now - s->record_ms >= AGAIN_MS)) {
		meshtcp_session_lost(s, MESHTCP_REASON_TIMEOUT, -1, now);
		return;
	}
	if (!s->asked_again && now - s->record_ms >= RECORD_MS) {
		s->asked_again = true;
		ask(s, now);
	}
}

uint64_t meshtcp_download_deadline(const struct session *s)
{
	uint64_t at;

	if (!s->downloading || !s->open)
		return NEVER;
	at = s->record_ms + (s->asked_again ? AGAIN_MS : RECORD_MS);
	if (s->asked_ms + WHOLE_MS < at)
		at = s->asked_ms + WHOLE_MS;
	return s->nonce_at < at ? s->nonce_at : at;
}
