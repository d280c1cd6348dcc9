/* SPDX-License-Identifier: MIT */
/* Messages in the words of the conversation files. */
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "address.h"

struct line {
	char *text;
	size_t size;
};

static void say(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct line *line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	line->size += (size_t)vsnprintf(line->text + line->size, WORDS_BYTES - line->size, format,
					arguments);
	va_end(arguments);
}

static void say_address(struct line *line, const char *name, const struct ppcs_address *address)
{
	char text[ADDRESS_TEXT_BYTES];

	ppcs_address_text(address, text);
	say(line, " %s=%s", name, text);
}

static void say_uid(struct line *line, const struct packet *p)
{
	char text[PPCS_UID_BYTES];

	ppcs_uid_text(&p->uid, text);
	say(line, " uid=%s", text);
}

static void say_listed(struct line *line, const struct packet *p)
{
	say(line, " addresses=%s", p->count == 0 ? "-" : "");
	for (unsigned i = 0; i < p->count; i++) {
		struct ppcs_address address = ppcs_packet_listed(p, i);
		char text[ADDRESS_TEXT_BYTES];

		ppcs_address_text(&address, text);
		say(line, "%s%s", i > 0 ? "," : "", text);
	}
}

static void say_acks(struct line *line, const struct packet *p)
{
	say(line, " channel=%u indexes=%s", p->channel, p->count == 0 ? "-" : "");
	for (unsigned i = 0; i < p->count; i++)
		say(line, "%s%u", i > 0 ? "," : "", ppcs_packet_ack(p, i));
}

static void say_data(struct line *line, const struct packet *p)
{
	say(line, " channel=%u index=%u data=%s", p->channel, p->index, p->size == 0 ? "-" : "");
	for (size_t i = 0; i < p->size; i++)
		say(line, "%02x", p->data[i]);
}

static void say_version(struct line *line, const struct packet *p)
{
	say(line, " nat=%u version=%02x%02x%02x", p->nat, p->version[0], p->version[1],
	    p->version[2]);
}

static void say_body(struct line *line, const struct packet *p)
{
	switch (p->type) {
	case PACKET_HELLO_ACK:
	case PACKET_PUNCH_TO:
		say_address(line, "address", &p->address);
		break;
	case PACKET_P2P_REQ:
		say_uid(line, p);
		say_address(line, "local", &p->address);
		break;
	case PACKET_P2P_REQ_DSK:
		say_uid(line, p);
		say_address(line, "local", &p->address);
		say_version(line, p);
		say(line, " dsk=%s", p->dsk);
		break;
	case PACKET_P2P_REQ_ACK:
	case PACKET_RLY_REQ_ACK:
		say(line, " result=%d", p->result);
		break;
	case PACKET_PUNCH_PKT:
	case PACKET_P2P_RDY:
	case PACKET_LIST_REQ1:
	case PACKET_RLY_RDY:
		say_uid(line, p);
		break;
	case PACKET_TRY_LAN_TCP:
		say_uid(line, p);
		say_address(line, "address", &p->address);
		break;
	case PACKET_LIST_REQ_ACK:
		say_listed(line, p);
		break;
	case PACKET_RLY_PORT_ACK:
		say(line, " key=%08x port=%u", p->key, p->port);
		break;
	case PACKET_RLY_REQ:
		say_uid(line, p);
		say_address(line, "relay", &p->address);
		say(line, " key=%08x", p->key);
		break;
	case PACKET_RLY_TO:
		say_address(line, "relay", &p->address);
		say(line, " key=%08x", p->key);
		break;
	case PACKET_RLY_PKT:
		say(line, " key=%08x", p->key);
		say_uid(line, p);
		say(line, " side=%u", p->side);
		break;
	case PACKET_DRW:
		say_data(line, p);
		break;
	case PACKET_DRW_ACK:
		say_acks(line, p);
		break;
	case PACKET_HELLO:
	case PACKET_LAN_SEARCH:
	case PACKET_RLY_HELLO:
	case PACKET_RLY_HELLO_ACK:
	case PACKET_RLY_PORT:
	case PACKET_ALIVE:
	case PACKET_ALIVE_ACK:
	case PACKET_CLOSE:
		break;
	default: /* the README has no words for it */
		say(line, " size=%zu", p->payload);
		break;
	}
}

bool words_official(const struct packet *p)
{
	uint8_t bytes[PACKET_MAX_BYTES];

	return p->useful &&
	       ppcs_packet_encode(p, bytes, sizeof(bytes)) == PACKET_HEADER_BYTES + p->payload;
}

/* A list says itself how much of its payload counts. */
static bool readable(const struct packet *p)
{
	return words_official(p) ||
	       (p->useful && (p->type == PACKET_DRW_ACK || p->type == PACKET_LIST_REQ_ACK));
}

void words_message(const struct packet *p, char text[WORDS_BYTES])
{
	const char *name = ppcs_packet_name(p->type);
	struct line line = { .text = text };

	text[0] = '\0';
	say(&line, "%s", name ? name : "UNKNOWN");
	if (readable(p))
		say_body(&line, p);
	else
		say(&line, " size=%zu", p->payload);
	if (p->extra > 0)
		say(&line, " extra=%zu", p->extra);
}
