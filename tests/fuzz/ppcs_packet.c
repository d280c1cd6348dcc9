/* SPDX-License-Identifier: MIT */
/*
 * The decoder of messages. An input is a datagram, not obfuscated. What is useful can be written
 * and read again and is the same then, but for what is not kept: bytes behind the payload and
 * noise in it.
 */
#include <errno.h>
#include <string.h>

#include "address.h"
#include "fuzz.h"
#include "packet.h"

static void check_uid(const struct uid *uid)
{
	char text[PPCS_UID_BYTES], again[PPCS_UID_BYTES];
	struct uid parsed, back;

	memset(text, 'x', sizeof(text));
	ppcs_uid_text(uid, text);
	must(memchr(text, '\0', sizeof(text)) != NULL);
	/* A text that can be read stands for one id, in capital letters. */
	if (ppcs_uid_parse(text, &parsed) < 0)
		return;
	ppcs_uid_text(&parsed, again);
	must(ppcs_uid_parse(again, &back) == 0 && ppcs_uid_same(&parsed, &back));
	must(parsed.serial == uid->serial);
}

static void check_address(const struct ppcs_address *address)
{
	char text[ADDRESS_TEXT_BYTES];

	memset(text, 'x', sizeof(text));
	ppcs_address_text(address, text);
	must(memchr(text, '\0', sizeof(text)) != NULL);
	must(ppcs_address_same(address, address));
}

static void check_list(const struct packet *p)
{
	unsigned sum = 0;

	if (p->type == PACKET_DRW) {
		must(p->count == 0 && p->size <= PACKET_DATA_BYTES);
	} else if (p->type == PACKET_DRW_ACK) {
		must(p->count <= PACKET_MAX_BYTES / 2 && p->size == 2 * (size_t)p->count);
		for (unsigned i = 0; i < p->count; i++)
			sum += ppcs_packet_ack(p, i);
		must(sum <= p->count * 0xffff);
	} else if (p->type == PACKET_LIST_REQ_ACK) {
		must(p->size == 16 * (size_t)p->count);
		for (unsigned i = 0; i < p->count; i++) {
			struct ppcs_address address = ppcs_packet_listed(p, i);

			check_address(&address);
		}
	} else {
		must(p->count == 0 && p->size == 0);
	}
}

static void check_inside(const struct packet *p, const uint8_t *data, size_t size)
{
	must(PACKET_HEADER_BYTES + p->payload + p->extra == size);
	if (p->size == 0)
		return;
	must(p->data >= data + PACKET_HEADER_BYTES);
	must(p->data + p->size <= data + PACKET_HEADER_BYTES + p->payload);
}

static void check_same(const struct packet *a, const struct packet *b)
{
	must(a->type == b->type && a->useful && b->useful);
	must(ppcs_uid_same(&a->uid, &b->uid));
	must(ppcs_address_same(&a->address, &b->address));
	must(a->result == b->result && a->key == b->key && a->port == b->port);
	must(a->side == b->side && a->nat == b->nat && a->flag == b->flag);
	must(memcmp(a->version, b->version, sizeof(a->version)) == 0);
	must(memcmp(a->dsk, b->dsk, sizeof(a->dsk)) == 0);
	must(a->channel == b->channel && a->index == b->index);
	must(a->channel < PACKET_CHANNELS);
	must(a->size == b->size && a->count == b->count);
	must(a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

static void check_written(const struct packet *p)
{
	uint8_t first[PACKET_MAX_BYTES], second[PACKET_MAX_BYTES];
	size_t size = ppcs_packet_encode(p, first, sizeof(first));
	struct packet again;

	must(size >= PACKET_HEADER_BYTES && size <= PACKET_HEADER_BYTES + p->payload);
	must(ppcs_packet_decode(first, size, &again) == 0);
	must(again.extra == 0 && again.payload + PACKET_HEADER_BYTES == size);
	check_same(p, &again);
	must(ppcs_packet_encode(&again, second, sizeof(second)) == size);
	must(memcmp(first, second, size) == 0);
	must(ppcs_packet_encode(p, second, size - 1) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet p;
	int error = ppcs_packet_decode(data, size, &p);

	must(error == 0 || error == -EBADMSG);
	if (size >= PACKET_HEADER_BYTES && size <= PACKET_MAX_BYTES)
		must(error != 0 || ppcs_packet_name(p.type) == NULL ||
		     ppcs_packet_plausible(data, size));
	if (error != 0)
		return 0;
	check_inside(&p, data, size);
	check_uid(&p.uid);
	check_address(&p.address);
	if (!p.useful)
		return 0;
	must(ppcs_packet_name(p.type) != NULL);
	check_list(&p);
	check_written(&p);
	return 0;
}
