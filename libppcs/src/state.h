/* SPDX-License-Identifier: MIT */
#ifndef PPCS_STATE_H
#define PPCS_STATE_H

#include "common/prng.h"

#include "address.h"
#include "channel.h"
#include "keys.h"
#include "outbox.h"
#include "packet.h"
#include "queue.h"
#include "session.h"
#include "statistics.h"

/* The inside of a session: for the files of the core that carry its parts, and no others. */

#define NEVER   UINT64_MAX
#define TICK_MS 100 /* of everything that is repeated in a race (section 6) */

/** Most addresses that an attempt exchanges PUNCH_PKT with. */
#define MAX_CONTACTS 16
/** Most addresses that directory servers name for the device in one attempt. */
#define MAX_PUNCHES 8
/** Relays that failed last and are left out (6.4). */
#define FAILED_RELAYS 4
/** Candidates of one relay attempt: those given, and the last three that servers list. */
#define MAX_CANDIDATES (PPCS_MAX_RELAYS + 3)

/** Why something ended without success. */
enum reason {
	REASON_NONE,
	REASON_TIME,
	REASON_CANCELLED,
	REASON_NO_ANSWER,
	REASON_CLOSED_PORT,
	REASON_UNREADABLE,
	REASON_REFLECTED,
	REASON_STRANGER,
	REASON_BLOCKED,
	REASON_SILENT,
	REASON_DEVICE_CLOSED,
	REASON_OTHER_DEVICE,
	REASON_OFFLINE,
	REASON_UNKNOWN_UID,
	REASON_DSK,
	REASON_NO_SERVER,
	REASON_NO_PUNCH,
	REASON_NO_LIST,
	REASON_NO_RELAY,
	REASON_RELAYS_SILENT,
	REASON_RELAY_FULL,
	REASON_NO_DEVICE,
	REASON_NO_TCP_RELAY,
	REASON_NO_SOCKET,
	REASON_WITHOUT_ADDRESS,
	REASON_WITHOUT_SERVER,
	REASON_WITHOUT_RELAY,
	REASON_WITHOUT_UID,
	REASON_RESTS,
	REASONS
};

/** A path that is up, in an attempt or as the session (section 7). */
struct link {
	bool up, verified;
	bool session; /**< it has won */
	uint32_t socket;
	struct ppcs_address peer;
	struct uid uid;
	int key;
	uint64_t up_at, heard_at;
	uint64_t alive_at;         /**< ALIVE is due */
	bool alive_open;           /**< one was sent and nothing came since */
	uint64_t hint_at;          /**< ICMP came and nothing since; 0 = no */
	uint32_t sent;             /**< that the record of the attempt does not count yet */
	struct channels *channels; /**< NULL until there is data */
};

/** What became of a packet. */
enum link_news {
	LINK_NOTHING,
	LINK_VERIFIED,
	LINK_CLOSED,
	LINK_OTHER_DEVICE /**< the session's peer says that it is another one now */
};

/** Most echoes of PUNCH_PKT to an address in a while (6.1). */
#define ECHOES 8

/** An address that an attempt exchanges PUNCH_PKT with. */
struct contact {
	struct ppcs_address address;
	uint32_t sent, got;
	uint64_t echoed_at[ECHOES]; /**< the last ones, in a ring */
	unsigned echoes;
};

enum attempt_kind {
	ATTEMPT_LAN,      /**< 6.1 */
	ATTEMPT_PUNCH,    /**< 6.2 */
	ATTEMPT_SERVER,   /**< 6.3 */
	ATTEMPT_RELAY,    /**< 6.4 */
	ATTEMPT_TCP_RELAY /**< 6.5 */
};

/** P2P through directory servers. */
struct server_path {
	bool heard[PPCS_MAX_SERVERS];
	bool answered[PPCS_MAX_SERVERS];
	int result[PPCS_MAX_SERVERS];
	uint64_t request_at;     /**< HELLO and P2P_REQ are due */
	uint64_t offline_at;     /**< the first "off line" */
	struct ppcs_address own; /**< our address as a server sees it */
	struct ppcs_address punches[MAX_PUNCHES];
	unsigned punch_count;
};

enum relay_step {
	RELAY_LIST, /**< no candidate is known */
	RELAY_HELLO,
	RELAY_PORT,
	RELAY_REQUEST /**< waiting for the device */
};

struct candidate {
	struct ppcs_address address;
	bool acked, failed;
};

/** Relay over UDP. */
struct relay_path {
	struct server_path server; /**< wakes the device; what it says about it counts */
	enum relay_step step;
	uint64_t step_at, packet_at;
	struct candidate candidates[MAX_CANDIDATES];
	unsigned candidate_count;
	unsigned chosen;
	struct ppcs_address assigned;
	uint32_t key;
	bool requested; /**< a server took the request */
	bool listed, full;
};

/** Relay over TCP. */
struct tcp_path {
	uint32_t servers[PPCS_MAX_SERVERS]; /**< sockets; 0 = closed */
	uint32_t key;
	uint32_t relay;  /**< socket; 0 = not yet */
	bool sent, open; /**< the 28 bytes; the 48 bytes have come */
	bool refused;
	int result;
};

/** One socket and one destination. */
struct attempt {
	struct attempt *next;
	uint32_t number;
	enum ppcs_mode mode;
	enum attempt_kind kind;
	struct lane *lane;
	size_t record; /**< its place in the racer's records */
	struct ppcs_address destination, local;
	uint32_t socket;
	bool open; /**< the socket is */
	enum ppcs_level level;
	bool refused; /**< ICMP */
	bool unreadable, reflected, other_device;
	uint64_t started_at, answered_at, tick_at, ends_at;
	unsigned ticks;
	int key;
	struct uid uid; /**< the only one that counts; empty = the first that answers */
	struct contact contacts[MAX_CONTACTS];
	unsigned contact_count;
	struct link link;
	union {
		struct server_path server;
		struct relay_path relay;
		struct tcp_path tcp;
	} path;
};

/** A way to the device that is tried in each round. */
struct lane {
	enum attempt_kind kind;
	struct ppcs_address destination;
	bool broadcast;
	unsigned offset_ms; /**< after the start of a round */
	uint64_t start_at;
	struct attempt *attempt;
	bool tried;       /**< in this round */
	bool over;        /**< for good */
	unsigned offline; /**< rounds in a row in which the servers said so */
};

struct racer {
	enum ppcs_mode mode;
	enum ppcs_racer_state state;
	enum reason reason;
	struct lane *lanes; /**< in order of preference */
	size_t lane_count;
	uint64_t start_at, started_at, ended_at;
	bool rests;        /**< left out until round_at, or until the others have failed */
	uint64_t round_at; /**< the next round starts, or NEVER */
	uint64_t next_at;  /**< sequential: the next lane may start */
	unsigned rounds;   /**< that failed without any answer */
	bool heard;        /**< somebody answered in this round */
	bool round_failed; /**< a whole one, in this race */
	uint32_t retries;
	uint16_t local_port, destination_port;
	struct ppcs_attempt *records; /**< room for PPCS_MAX_ATTEMPTS, or NULL */
	size_t record_count;
	uint32_t records_dropped;
};

struct race {
	bool running; /**< not decided */
	bool told;    /**< its result is in the list of events, or there is none */
	uint64_t started_at, decided_at;
	struct racer racers[PPCS_MODES];
	struct attempt *attempts; /**< that run */
	uint32_t last_number;
	struct uid learnt;     /**< of the first answer from the address */
	uint32_t seen;         /**< 1 << reason: what was observed, for the verdict */
	struct uid other;      /**< the other device */
	const char *other_key; /**< a key that is known and was not set */
	struct ppcs_address failed_relays[FAILED_RELAYS];
	unsigned failed_relay;
	/* Of the winner. */
	struct ppcs_report report;
	char uid[PPCS_UID_BYTES], key[PPCS_MAX_KEY + 1];
	char text[256];
};

struct found {
	struct uid uid;
	struct ppcs_address address;
};

struct search {
	bool running;
	uint32_t socket;
	uint64_t tick_at, ends_at;
	unsigned ticks;
	struct found *found;
	size_t found_count;
};

/** A path that was up and is given up: CLOSE three times (section 7). */
struct farewell {
	uint32_t socket;
	struct ppcs_address peer;
	int key;
	unsigned left;
	uint64_t at;
};

struct socket {
	struct socket_wish wish;
	struct ppcs_address local;
	bool open;
	struct cmn_buf in; /**< of a stream */
};

struct session {
	struct session_config config;
	struct cmn_log log;
	struct cmn_prng prng;
	struct keys keys;
	struct socket *sockets;
	size_t socket_count, socket_room;
	uint32_t last_socket, sockets_version;
	struct outbox out;
	struct event_list events;
	struct ppcs_statistics statistics;
	struct path_list paths;
	struct race race;
	struct search search;
	struct link link; /**< the session */
	struct farewell *farewells;
	size_t farewell_count, farewell_room;
};

/* socket.c */
/** @return its id, or 0 without memory */
uint32_t ppcs_socket_add(struct session *s, bool stream, bool broadcast, struct ppcs_address to);
struct socket *ppcs_socket_find(const struct session *s, uint32_t id);
void ppcs_socket_close(struct session *s, uint32_t id);
void ppcs_socket_close_all(struct session *s);

/* output.c */
/** Encode, obfuscate and queue; framed for a stream. KEY_ANY goes out with every key that is due at
 *  this tick. @return how many datagrams that made */
unsigned ppcs_output(struct session *s, uint32_t socket, const struct ppcs_address *to, int key,
		     unsigned tick, const struct packet *p);
/** Bytes that are no message. */
void ppcs_output_raw(struct session *s, uint32_t socket, const uint8_t *data, size_t size);

/* link.c */
void ppcs_link_start(struct session *s, struct link *l, uint64_t now);
enum link_news ppcs_link_receive(struct session *s, struct link *l, const struct packet *p,
				 uint64_t now);
void ppcs_link_unreachable(struct session *s, struct link *l, uint64_t now);
void ppcs_link_tick(struct session *s, struct link *l, uint64_t now);
/** @return whether it was silent for too long */
bool ppcs_link_dead(const struct session *s, const struct link *l, uint64_t now);
uint64_t ppcs_link_deadline(const struct session *s, const struct link *l);
/** It has won: hand out what has come. */
void ppcs_link_win(struct session *s, struct link *l, uint64_t now);
void ppcs_link_drop(struct link *l);
/** Of a session: put acknowledgements and data in line to be sent. */
void ppcs_link_fill(struct session *s, struct link *l, uint64_t now);
/** @return how many bytes were taken, at least 1; -EAGAIN or -ENOMEM */
int ppcs_link_send(struct session *s, struct link *l, unsigned channel, const uint8_t *data,
		   size_t size);
size_t ppcs_link_unsent(const struct link *l, unsigned channel);

/* farewell.c */
/** Say CLOSE and close the socket afterwards. */
void ppcs_farewell_add(struct session *s, const struct link *l, uint64_t now);
void ppcs_farewell_tick(struct session *s, uint64_t now);
uint64_t ppcs_farewell_deadline(const struct session *s);
/** All that is left to say, at once. */
void ppcs_farewell_flush(struct session *s);

/* attempt.c */
/** @return 0 or -ENOMEM */
int ppcs_attempt_start(struct session *s, struct racer *r, struct lane *lane, uint64_t now);
void ppcs_attempt_opened(struct session *s, struct attempt *a, uint32_t socket, uint64_t now);
void ppcs_attempt_failed(struct session *s, struct attempt *a, uint32_t socket, uint64_t now);
void ppcs_attempt_receive(struct session *s, struct attempt *a, uint32_t socket,
			  const struct ppcs_address *from, const uint8_t *data, size_t size,
			  uint64_t now);
void ppcs_attempt_unreachable(struct session *s, struct attempt *a, const struct ppcs_address *to,
			      uint64_t now);
void ppcs_attempt_tick(struct session *s, struct attempt *a, uint64_t now);
uint64_t ppcs_attempt_deadline(const struct session *s, const struct attempt *a);
/** Why it is not through when its time is over. */
enum reason ppcs_attempt_late(const struct session *s, const struct attempt *a);
/** Write what is known into its record. */
void ppcs_attempt_record(struct session *s, struct attempt *a, uint64_t now);
/** End it; it is freed. A path that was up is told CLOSE, unless it has won. */
void ppcs_attempt_end(struct session *s, struct attempt *a, enum ppcs_racer_state state,
		      enum reason reason, uint64_t now);
struct attempt *ppcs_attempt_find(const struct session *s, uint32_t socket);

/* For the kinds of attempts: */
void ppcs_attempt_send(struct session *s, struct attempt *a, const struct ppcs_address *to,
		       const struct packet *p);
/** Somebody answered as wished, in the key of the packet. */
void ppcs_attempt_answered(struct session *s, struct attempt *a, const struct ppcs_address *peer,
			   int key, uint64_t now);
void ppcs_attempt_up(struct session *s, struct attempt *a, const struct ppcs_address *peer,
		     const struct uid *uid, int key, uint64_t now);
/** Is it the device that is looked for? If not that is noted. */
bool ppcs_attempt_wanted(struct session *s, struct attempt *a, const struct uid *uid);
void ppcs_attempt_event(struct session *s, const struct attempt *a, enum ppcs_event_type type,
			const struct ppcs_address *peer, uint64_t now);

/* punch.c: what LAN and P2P have in common */
void ppcs_punch_send(struct session *s, struct attempt *a, const struct ppcs_address *to);
/** The same to an address that is a guess, and no contact before it answers. */
void ppcs_punch_probe(struct session *s, struct attempt *a, const struct ppcs_address *to);
/** @return the contact, made when there is none; NULL when there are too many */
struct contact *ppcs_punch_meet(struct attempt *a, const struct ppcs_address *address);
/** Echo a PUNCH_PKT, but no storm of them. */
void ppcs_punch_echo(struct session *s, struct attempt *a, const struct ppcs_address *from, int key,
		     uint64_t now);
/** PUNCH_PKT once more, unless this contact has had its share (6.1). */
void ppcs_punch_again(struct session *s, struct attempt *a, struct contact *c, uint64_t now);
struct contact *ppcs_punch_contact(struct attempt *a, const struct ppcs_address *address);
/** P2P_RDY counts from an address that has sent or got a PUNCH_PKT. */
void ppcs_punch_ready(struct session *s, struct attempt *a, const struct ppcs_address *from,
		      const struct packet *p, int key, uint64_t now);

/** The kinds. `asked`: is this a host that the attempt speaks to? */
struct attempt_ops {
	void (*start)(struct session *s, struct attempt *a, uint64_t now);
	void (*tick)(struct session *s, struct attempt *a, uint64_t now);
	bool (*asked)(const struct session *s, const struct attempt *a,
		      const struct ppcs_address *from);
	void (*receive)(struct session *s, struct attempt *a, const struct ppcs_address *from,
			const struct packet *p, int key, uint64_t now);
	/** Is it of no use to go on? Why, or REASON_NONE. */
	enum reason (*hopeless)(const struct session *s, const struct attempt *a, uint64_t now);
	/** Why it is not up when its time is over. */
	enum reason (*late)(const struct session *s, const struct attempt *a);
	/** When `hopeless` may change by time alone; may be NULL. */
	uint64_t (*deadline)(const struct session *s, const struct attempt *a);
};

const struct attempt_ops *ppcs_attempt_ops(const struct attempt *a);
/** What is learnt belongs to the port, for servers and relays to the kind of way. */
struct path *ppcs_attempt_path(struct session *s, const struct attempt *a);
extern const struct attempt_ops ppcs_lan_ops, ppcs_punch_ops, ppcs_server_ops, ppcs_relay_ops;

/* server.c: also for the relay */
void ppcs_server_ask(struct session *s, struct attempt *a, struct server_path *sp, uint64_t now);
/** @return the server's index, or -1 */
int ppcs_server_index(const struct session *s, const struct ppcs_address *from);
/** HELLO_ACK and P2P_REQ_ACK. @return whether it was one of these */
bool ppcs_server_receive(struct session *s, struct attempt *a, struct server_path *sp, int index,
			 const struct packet *p, int key, uint64_t now);
/** A result that ends it, or REASON_NONE. */
enum reason ppcs_server_refusal(const struct session *s, const struct server_path *sp,
				uint64_t now);
uint64_t ppcs_server_deadline(const struct session *s, const struct server_path *sp);
bool ppcs_server_heard(const struct session *s, const struct server_path *sp);

/* tcp_relay.c */
void ppcs_tcp_start(struct session *s, struct attempt *a, uint64_t now);
void ppcs_tcp_opened(struct session *s, struct attempt *a, uint32_t socket, uint64_t now);
void ppcs_tcp_receive(struct session *s, struct attempt *a, uint32_t socket, const uint8_t *data,
		      size_t size, uint64_t now);
void ppcs_tcp_failed(struct session *s, struct attempt *a, uint32_t socket, uint64_t now);
/** All its sockets but the one that the link lives on. */
void ppcs_tcp_close(struct session *s, struct attempt *a);
/** Take the next message off a stream.
 *  @param message  room for PACKET_MAX_BYTES; RET points into it
 *  @return 1, 0 when it is not there yet, -EBADMSG */
int ppcs_tcp_next(struct session *s, struct socket *socket, int key, uint8_t *message,
		  struct packet *ret);
bool ppcs_tcp_owns(const struct attempt *a, uint32_t socket);
extern const struct attempt_ops ppcs_tcp_ops;

/* priority.c */
/** When the racers that are planned start. */
void ppcs_priority_plan(struct session *s, uint64_t now);
/** Start those that rest, when all others have failed: never do all of them rest. */
void ppcs_priority_wake(struct session *s, uint64_t now);

/* racer.c */
int ppcs_racer_plan(struct session *s, struct racer *r, uint64_t now);
void ppcs_racer_tick(struct session *s, struct racer *r, uint64_t now);
uint64_t ppcs_racer_deadline(const struct session *s, const struct racer *r);
/** One of its attempts has failed. */
void ppcs_racer_failed(struct session *s, struct racer *r, struct lane *lane, enum reason reason,
		       uint64_t now);
/** One of its attempts was told that nobody is there: no need to wait with the next. */
void ppcs_racer_hurry(struct session *s, struct racer *r, uint64_t now);
void ppcs_racer_end(struct racer *r, enum ppcs_racer_state state, enum reason reason, uint64_t now);
/** @return its index among the records, or SIZE_MAX without memory */
size_t ppcs_racer_add_record(struct session *s, struct racer *r);
void ppcs_racer_free(struct racer *r);

/* race.c */
int ppcs_race_start(struct session *s, uint64_t now);
void ppcs_race_see(struct session *s, enum reason reason);
void ppcs_race_tick(struct session *s, uint64_t now);
void ppcs_race_give_up(struct session *s, uint64_t now);
uint64_t ppcs_race_deadline(const struct session *s);
void ppcs_race_free(struct race *race);

/* verdict.c */
/** The verdict of a race that was not won, with its text and error. */
void ppcs_verdict(struct session *s, bool cancelled);
const char *ppcs_reason_text(enum reason reason);
/** @return the more telling of two, B when it is as telling */
enum reason ppcs_reason_telling(enum reason a, enum reason b);

/* report.c */
void ppcs_report_update(struct session *s, uint64_t now);

/* search.c */
int ppcs_search_start(struct session *s, unsigned wait_ms, uint64_t now);
void ppcs_search_opened(struct session *s, uint64_t now);
void ppcs_search_receive(struct session *s, const struct ppcs_address *from, const uint8_t *data,
			 size_t size, uint64_t now);
void ppcs_search_tick(struct session *s, uint64_t now);
uint64_t ppcs_search_deadline(const struct session *s);
void ppcs_search_end(struct session *s, int error, uint64_t now);

/* session.c */
/** @return false when it was dropped */
bool ppcs_session_emit(struct session *s, struct ppcs_event *event, uint64_t now);
/** A datagram in the log, behind a comment with the peer's address, the type, and our address:
 *  `# >1 192.0.2.7:40611 P2P_RDY (udp 192.0.2.1:50000)`. */
void ppcs_session_log_datagram(const struct session *s, char direction, uint32_t socket,
			       const struct ppcs_address *address, const char *name,
			       const uint8_t *data, size_t size);

#endif
