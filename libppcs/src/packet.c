/* SPDX-License-Identifier: MIT */
/*
 * Messages of sections 3 and 4: header and bodies, each body a row of a table. Two byte orders are
 * in use: numbers are big endian, addresses inside a sockaddr little endian (3.2).
 */
#include "packet.h"

#include <errno.h>
#include <string.h>

#include "common/bytes.h"

#define MAGIC          0xf1
#define FAMILY_IPV4    2
#define DRW_MARK       0xd1
#define DRW_MARK_OTHER 0xd2 /* acknowledgements of some cameras (8.2) */
#define LISTED_BYTES   16
#define MAX_LISTED     79 /* that a packet has room for */

/*
 * Bodies, a letter a field: U device id, a sockaddr16, A sockaddr24, r result and f flag (a byte
 * each), k key (4 bytes), p port (2), n NAT type (1), v version (3), d device key (24), s side (1),
 * 0 a byte of zero. Lists and data stand at the end: L addresses, D data, K acknowledgements.
 */
static const struct layout {
	uint8_t type;
	const char *body;
} layouts[] = {
	{ PACKET_HELLO, "" },
	{ PACKET_HELLO_ACK, "a" },
	{ PACKET_P2P_REQ, "Ua" },
	{ PACKET_P2P_REQ_ACK, "r000" },
	{ PACKET_P2P_REQ_DSK, "Uanvd" },
	{ PACKET_LAN_SEARCH, "" },
	{ PACKET_PUNCH_TO, "a" },
	{ PACKET_PUNCH_PKT, "U" },
	{ PACKET_P2P_RDY, "U" },
	{ PACKET_TRY_LAN_TCP, "UA" },
	{ PACKET_TCP_RS_START, "UkA" },
	{ PACKET_TCP_RLY_REQ, "UAnvf000" },
	{ PACKET_TCP_RLY_REQ_DSK, "UAnvf000d" },
	{ PACKET_TCP_RLY_REQ_ACK, "rf00" },
	{ PACKET_LIST_REQ1, "U" },
	{ PACKET_LIST_REQ_ACK, "L" },
	{ PACKET_LIST_REQ_DSK, "Ud" },
	{ PACKET_RLY_HELLO, "" },
	{ PACKET_RLY_HELLO_ACK, "" },
	{ PACKET_RLY_PORT, "" },
	{ PACKET_RLY_PORT_ACK, "kp00" },
	{ PACKET_RLY_REQ, "Uak" },
	{ PACKET_RLY_REQ_ACK, "r000" },
	{ PACKET_RLY_TO, "ak" },
	{ PACKET_RLY_PKT, "kUs000" },
	{ PACKET_RLY_RDY, "U" },
	{ PACKET_DRW, "D" },
	{ PACKET_DRW_ACK, "K" },
	{ PACKET_ALIVE, "" },
	{ PACKET_ALIVE_ACK, "" },
	{ PACKET_CLOSE, "" },
};

static const char *layout_of(uint8_t type)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].type == type)
			return layouts[i].body;
	return NULL;
}

static struct ppcs_address read_address(struct cmn_reader *r, size_t size)
{
	struct ppcs_address address = { .port = 0 };
	uint16_t family = cmn_reader_u16be(r);
	uint16_t port = cmn_reader_u16le(r);
	uint32_t ip = cmn_reader_u32le(r);

	cmn_reader_bytes(r, size - 8);
	if (r->failed || family != FAMILY_IPV4)
		return address;
	address.port = port;
	for (unsigned i = 0; i < 4; i++)
		address.ip[i] = (uint8_t)(ip >> (24 - 8 * i));
	return address;
}

static void read_text(struct cmn_reader *r, char *text, size_t size)
{
	const uint8_t *bytes = cmn_reader_bytes(r, size);

	for (size_t i = 0; bytes && i < size && bytes[i]; i++)
		text[i] = (char)bytes[i];
}

/* The rest of the body is a list; entries that are not there do not count. */
static void read_list(struct cmn_reader *r, struct packet *p, size_t entry, size_t max)
{
	size_t there = cmn_reader_left(r) / entry;

	if (p->count > there)
		p->count = (unsigned)there;
	if (p->count > max)
		r->failed = true;
	p->size = p->count * entry;
	p->data = cmn_reader_bytes(r, p->size);
}

static void read_acks(struct cmn_reader *r, struct packet *p)
{
	uint8_t mark = cmn_reader_u8(r);

	p->channel = cmn_reader_u8(r);
	p->count = cmn_reader_u16be(r);
	if ((mark != DRW_MARK && mark != DRW_MARK_OTHER) || p->channel >= PACKET_CHANNELS)
		r->failed = true;
	/* More than the original takes harm nobody here; without them nothing would go on. */
	read_list(r, p, 2, PACKET_MAX_BYTES);
}

static void read_data(struct cmn_reader *r, struct packet *p)
{
	uint8_t mark = cmn_reader_u8(r);

	p->channel = cmn_reader_u8(r);
	p->index = cmn_reader_u16be(r);
	p->size = cmn_reader_left(r);
	if (mark != DRW_MARK || p->channel >= PACKET_CHANNELS || p->size > PACKET_DATA_BYTES)
		r->failed = true;
	p->data = cmn_reader_bytes(r, p->size);
}

static void read_listed(struct cmn_reader *r, struct packet *p)
{
	p->count = cmn_reader_u8(r);
	cmn_reader_bytes(r, 3);
	read_list(r, p, LISTED_BYTES, MAX_LISTED);
}

static void read_field(struct cmn_reader *r, struct packet *p, char field)
{
	const uint8_t *bytes;

	switch (field) {
	case 'U':
		ppcs_uid_read(r, &p->uid);
		break;
	case 'a':
		p->address = read_address(r, 16);
		break;
	case 'A':
		p->address = read_address(r, 24);
		break;
	case 'r':
		p->result = cmn_reader_u8(r);
		if (p->result > INT8_MAX)
			p->result -= UINT8_MAX + 1;
		break;
	case 'f':
		p->flag = cmn_reader_u8(r);
		break;
	case 'k':
		p->key = cmn_reader_u32be(r);
		break;
	case 'p':
		p->port = cmn_reader_u16be(r);
		break;
	case 'n':
		p->nat = cmn_reader_u8(r);
		break;
	case 'v':
		bytes = cmn_reader_bytes(r, sizeof(p->version));
		if (bytes)
			memcpy(p->version, bytes, sizeof(p->version));
		break;
	case 'd':
		read_text(r, p->dsk, PPCS_MAX_DSK);
		break;
	case 's':
		p->side = cmn_reader_u8(r);
		break;
	case 'L':
		read_listed(r, p);
		break;
	case 'D':
		read_data(r, p);
		break;
	case 'K':
		read_acks(r, p);
		break;
	default: /* what should be zero is not looked at */
		cmn_reader_u8(r);
		break;
	}
}

int ppcs_packet_decode(const uint8_t *data, size_t size, struct packet *ret)
{
	struct cmn_reader r;
	const char *body;

	memset(ret, 0, sizeof(*ret));
	if (size < PACKET_HEADER_BYTES || size > PACKET_MAX_BYTES || data[0] != MAGIC)
		return -EBADMSG;
	ret->type = data[1];
	ret->payload = (size_t)data[2] << 8 | data[3];
	if (ret->payload > size - PACKET_HEADER_BYTES)
		return -EBADMSG;
	ret->extra = size - PACKET_HEADER_BYTES - ret->payload;
	body = layout_of(ret->type);
	/* With 20 bytes this type is another fork's P2P_RDY_ACK. */
	if (!body || (ret->type == PACKET_TRY_LAN_TCP && ret->payload != 44))
		return 0;
	cmn_reader_init(&r, data + PACKET_HEADER_BYTES, ret->payload);
	for (; *body; body++)
		read_field(&r, ret, *body);
	ret->useful = !r.failed;
	return r.failed ? -EBADMSG : 0;
}

bool ppcs_packet_plausible(const uint8_t header[PACKET_HEADER_BYTES], size_t size)
{
	size_t payload = (size_t)header[2] << 8 | header[3];

	return header[0] == MAGIC && payload <= size - PACKET_HEADER_BYTES &&
	       ppcs_packet_name(header[1]) != NULL;
}

uint16_t ppcs_packet_ack(const struct packet *p, unsigned i)
{
	const uint8_t *at = p->data + 2 * (size_t)i;

	return (uint16_t)(at[0] << 8 | at[1]);
}

struct ppcs_address ppcs_packet_listed(const struct packet *p, unsigned i)
{
	struct cmn_reader r;

	cmn_reader_init(&r, p->data + LISTED_BYTES * (size_t)i, LISTED_BYTES);
	return read_address(&r, LISTED_BYTES);
}

static void write_address(struct cmn_writer *w, const struct ppcs_address *a, size_t size)
{
	static const uint8_t zero[16];

	cmn_writer_u16be(w, FAMILY_IPV4);
	cmn_writer_u16le(w, a->port);
	for (unsigned i = 0; i < 4; i++)
		cmn_writer_u8(w, a->ip[3 - i]);
	cmn_writer_bytes(w, zero, size - 8);
}

static void write_bytes(struct cmn_writer *w, const struct packet *p)
{
	if (p->size > 0)
		cmn_writer_bytes(w, p->data, p->size);
}

static void write_listed(struct cmn_writer *w, const struct packet *p)
{
	cmn_writer_u32be(w, p->count << 24);
	write_bytes(w, p);
}

static void write_data(struct cmn_writer *w, const struct packet *p, unsigned number)
{
	cmn_writer_u8(w, DRW_MARK);
	cmn_writer_u8(w, p->channel);
	cmn_writer_u16be(w, (uint16_t)number);
	write_bytes(w, p);
}

static void write_field(struct cmn_writer *w, const struct packet *p, char field)
{
	switch (field) {
	case 'U':
		ppcs_uid_write(w, &p->uid);
		break;
	case 'a':
		write_address(w, &p->address, 16);
		break;
	case 'A':
		write_address(w, &p->address, 24);
		break;
	case 'r':
		cmn_writer_u8(w, (uint8_t)p->result);
		break;
	case 'f':
		cmn_writer_u8(w, p->flag);
		break;
	case 'k':
		cmn_writer_u32be(w, p->key);
		break;
	case 'p':
		cmn_writer_u16be(w, p->port);
		break;
	case 'n':
		cmn_writer_u8(w, p->nat);
		break;
	case 'v':
		cmn_writer_bytes(w, p->version, sizeof(p->version));
		break;
	case 'd':
		cmn_writer_bytes(w, (const uint8_t *)p->dsk, PPCS_MAX_DSK);
		break;
	case 's':
		cmn_writer_u8(w, p->side);
		break;
	case 'L':
		write_listed(w, p);
		break;
	case 'D':
		write_data(w, p, p->index);
		break;
	case 'K':
		write_data(w, p, p->count);
		break;
	default:
		cmn_writer_u8(w, 0);
		break;
	}
}

size_t ppcs_packet_encode(const struct packet *p, uint8_t *data, size_t room)
{
	const char *body = layout_of(p->type);
	struct cmn_writer w;

	cmn_writer_init(&w, data, room < PACKET_MAX_BYTES ? room : PACKET_MAX_BYTES);
	cmn_writer_u8(&w, MAGIC);
	cmn_writer_u8(&w, p->type);
	cmn_writer_u16be(&w, 0);
	for (; body && *body; body++)
		write_field(&w, p, *body);
	if (!body || w.failed)
		return 0;
	data[2] = (uint8_t)((w.pos - PACKET_HEADER_BYTES) >> 8);
	data[3] = (uint8_t)(w.pos - PACKET_HEADER_BYTES);
	return w.pos;
}
