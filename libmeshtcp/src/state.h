/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_STATE_H
#define MESHTCP_STATE_H

#include "common/prng.h"

#include "database.h"
#include "frame.h"
#include "message.h"
#include "queue.h"
#include "seen.h"
#include "session.h"

/* The inside of a session: for the files of the core that carry its parts, and no others. */

#define NEVER UINT64_MAX

#define MAX_RECORDS 256 /* of the download, nodes not counted */
#define PASSKEYS    16
#define PASSKEY_MAX 16
#define ENDS        3 /* in a minute mean that somebody else uses the node (15.4) */

/** What a request is doing. */
enum step {
	STEP_WAITING, /**< to be sent */
	STEP_PASSKEY, /**< waits for the passkey of its node */
	STEP_SENT,    /**< no queue status yet */
	STEP_TAKEN    /**< the node has it */
};

/**
 * One request. Its result event is part of it, so that memory running out can never swallow a
 * result.
 */
struct request {
	struct node node; /**< first: lists of events hold finished requests */
	struct request *next;
	struct order order;
	uint8_t payload[MESSAGE_MAX_BYTES];
	uint32_t id;   /**< told to the user */
	uint32_t wire; /**< of the packet; another one when it had to be sent anew */
	enum step step;
	enum meshtcp_send_state state;
	uint64_t deadline_ms;
	uint64_t sent_ms;
	uint64_t refused_ms; /**< a queue status said no: the routing error that follows decides */
	unsigned refusal;
	unsigned tries;
	bool key_retried;
	uint32_t key_request; /**< packet that asks for the passkey */
	uint8_t answer[FRAME_MAX_PAYLOAD];
};

/** A record of the download as it came: a whole FromRadio message. */
struct record {
	unsigned member;
	unsigned number; /**< of a section or a channel */
	uint16_t size;
	uint8_t data[FRAME_MAX_PAYLOAD];
};

/** What a download brings, but for the nodes. */
struct store {
	struct record **records;
	size_t count, room;
	bool has_my_info;
	struct my_info my_info;
	struct meshtcp_info info;
};

struct out_frame {
	struct out_frame *next;
	size_t size;
	uint8_t data[FRAME_MAX_BYTES];
};

struct passkey {
	uint32_t node;
	uint64_t at;
	uint8_t key[PASSKEY_MAX];
	size_t size;
};

/** Kinds of packets that the node wants at a distance (section 10). */
enum pace {
	PACE_NONE,
	PACE_TEXT,
	PACE_POSITION,
	PACE_WAYPOINT,
	PACE_ALERT,
	PACE_TELEMETRY,
	PACE_TRACEROUTE,
	PACES
};

struct session {
	struct session_config config;
	struct cmn_log log;
	struct cmn_prng prng;
	enum meshtcp_state state;
	enum meshtcp_reason reason;
	uint32_t generation; /**< of the connection; never 0 */
	bool open;           /**< the socket is */
	unsigned dead;       /**< sockets whose end was not told yet */
	unsigned attempt;
	uint64_t retry_at;
	uint64_t ready_ms;   /**< since when this connection is ready; 0 = not */
	uint64_t lost_ms;    /**< since when it is not ready; 0 = ready or never was */
	bool was_ready;      /**< once since the start */
	uint64_t ends[ENDS]; /**< of connections that were ready, last first */
	uint64_t restart_ms; /**< something was sent that may restart the node */
	uint64_t close_by;
	bool goodbye; /**< is in the output */
	bool again;   /**< when it is closed it begins anew */

	struct frame_reader reader;
	uint64_t partial_ms; /**< since when a frame is not whole */
	uint64_t heard_ms;   /**< last whole frame */
	uint64_t said_ms;    /**< last frame of ours */
	uint64_t check_at;
	bool beat_answered, patience_told; /**< on this connection */
	struct out_frame *out, **out_end;
	size_t out_count;

	/* download.c */
	bool downloading;
	uint32_t nonce;
	uint64_t nonce_at; /**< want_config is due; the wake-up bytes come first */
	uint64_t asked_ms, record_ms;
	bool asked_again;
	uint64_t quiet_at; /**< nothing is sent before: the node may be throwing input away */
	enum meshtcp_download asked, have;
	struct store fresh, store;
	struct database fresh_nodes, nodes;
	uint32_t epoch; /**< of the connection: what is older is history */
	bool has_store;

	/* requests */
	struct request *requests;
	size_t request_count;
	unsigned id_counter;
	int queue_free; /**< -1 = not told */
	uint64_t queue_at;
	uint64_t paced_at[PACES]; /**< the next of a kind may go */
	uint32_t paced_by[PACES]; /**< id of the last of a kind */
	uint64_t held_until;      /**< no packet goes before */
	struct passkey passkeys[PASSKEYS];
	unsigned next_passkey;
	struct seen seen;

	struct event_list events;
	uint32_t tap; /**< owner that sees everything */
	struct meshtcp_statistics statistics;
};

/* session.c */
void meshtcp_session_emit(struct session *s, struct meshtcp_event *event, uint32_t owner,
			  uint64_t now);
void meshtcp_session_set_state(struct session *s, enum meshtcp_state state,
			       enum meshtcp_reason reason, int error, uint64_t now);
void meshtcp_session_lost(struct session *s, enum meshtcp_reason reason, int error, uint64_t now);

/* output.c */
/** Queue a frame. @return false without memory or when too many wait */
bool meshtcp_output_add(struct session *s, const uint8_t *frame, size_t size);
void meshtcp_output_clear(struct session *s);

/* download.c */
void meshtcp_download_begin(struct session *s, uint64_t now);
/** Begin another one when more is wanted than the last one brings. */
void meshtcp_download_more(struct session *s, uint64_t now);
/** A message that belongs to the download. @return false for others */
bool meshtcp_download_message(struct session *s, const struct from_message *m, const uint8_t *data,
			      size_t size, uint64_t now);
void meshtcp_download_tick(struct session *s, uint64_t now);
uint64_t meshtcp_download_deadline(const struct session *s);
/** Forget what came of a download that is not complete. */
void meshtcp_download_drop(struct session *s);
uint32_t meshtcp_own_num(const struct session *s);
/** @return from when on packets may be sent; NEVER while a download is to be completed first */
uint64_t meshtcp_download_settled_at(const struct session *s);

/* store.c */
void meshtcp_store_free(struct store *store);
void meshtcp_store_add(struct store *store, const struct from_message *m, const uint8_t *data,
		       size_t size);
/** @return whether the node's firmware is known to be this version or a later one */
bool meshtcp_firmware_since(const struct session *s, unsigned major, unsigned minor,
			    unsigned patch);
const struct record *meshtcp_store_find(const struct store *store, unsigned member,
					unsigned number);

/* receive.c */
void meshtcp_receive_message(struct session *s, const uint8_t *data, size_t size, uint64_t now);

/* request.c */
struct request *meshtcp_request_find(const struct session *s, uint32_t wire);
void meshtcp_request_state(struct session *s, struct request *r, enum meshtcp_send_state state,
			   uint64_t now);
void meshtcp_request_finish(struct session *s, struct request *r, int error, uint64_t now);
void meshtcp_request_finish_all(struct session *s, int error, uint64_t now);
uint32_t meshtcp_request_new_id(struct session *s);

/* send.c */
void meshtcp_send_tick(struct session *s, uint64_t now);
uint64_t meshtcp_send_deadline(const struct session *s);
void meshtcp_send_status(struct session *s, const struct queue_status *status, uint64_t now);
/** The connection is lost: what the node did not take goes again. */
void meshtcp_send_lost(struct session *s, uint64_t now);

/* answer.c: acknowledgements, refusals, answers. @return whether the packet was one of these */
bool meshtcp_answer_packet(struct session *s, const struct meshtcp_packet *p, uint64_t now);
/** A refusal that nothing followed, and requests whose time is over. */
void meshtcp_answer_tick(struct session *s, uint64_t now);

/* passkey.c */
/** @return the passkey of a node, or NULL when there is none that still counts */
const struct passkey *meshtcp_passkey_find(const struct session *s, uint32_t node, uint64_t now);
void meshtcp_passkey_forget(struct session *s, uint32_t node);
/** An answer on the admin port may carry one. */
void meshtcp_passkey_learn(struct session *s, const struct meshtcp_packet *p, uint64_t now);
/** Send the read that brings one. @return false without room or memory */
bool meshtcp_passkey_ask(struct session *s, struct request *r, uint64_t now);

/* health.c */
void meshtcp_health_tick(struct session *s, uint64_t now);
uint64_t meshtcp_health_deadline(const struct session *s);

#endif
