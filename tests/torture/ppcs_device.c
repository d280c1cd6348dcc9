/* SPDX-License-Identifier: MIT */
/* What a camera, a directory server and a relay answer to a datagram; see ppcs_device.h. */
#include "ppcs_device.h"

#include <string.h>

#define KEY     0x1a2b3c4d
#define REPEATS 20

static void say(struct device *d, enum device_place from, const struct ppcs_address *to,
		const struct packet *p)
{
	uint8_t data[PACKET_MAX_BYTES];
	size_t size = ppcs_packet_encode(p, data, sizeof(data));

	ppcs_cipher_encrypt(&d->cipher, data, size);
	d->say(d->userdata, from, to, data, size);
}

static struct uid own_uid(void)
{
	struct uid uid;

	ppcs_uid_parse(DEVICE_UID, &uid);
	return uid;
}

static struct device_client *find_client(struct device *d, enum device_place at,
					 const struct ppcs_address *address)
{
	for (unsigned i = 0; i < DEVICE_CLIENTS; i++)
		if (d->clients[i].place == at && d->clients[i].address.port == address->port)
			return &d->clients[i];
	return NULL;
}

/* The oldest makes room. */
static void meet(struct device *d, enum device_place at, const struct ppcs_address *address)
{
	if (!find_client(d, at, address))
		d->clients[d->next_client++ % DEVICE_CLIENTS] =
			(struct device_client){ .address = *address, .place = at };
}

size_t device_data(unsigned index, uint8_t data[DEVICE_DATA_BYTES])
{
	if (index == 0) {
		memcpy(data, "ACK", 3);
		return 3;
	}
	memset(data, (int)('a' + index), DEVICE_DATA_BYTES);
	return DEVICE_DATA_BYTES;
}

bool device_heard(unsigned *packets, const uint8_t *data, size_t size)
{
	while (size > 0) {
		uint8_t packet[DEVICE_DATA_BYTES];
		size_t length = device_data(*packets, packet);

		if (length > size || memcmp(data, packet, length) != 0)
			return false;
		data += length;
		size -= length;
		++*packets;
	}
	return true;
}

static void take_acks(struct device_client *c, const struct packet *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		if (p->channel != 0 || ppcs_packet_ack(p, i) != c->acked)
			continue;
		c->acked++;
		c->repeats = 0;
	}
}

/* All that is not acknowledged, and then CLOSE. @return whether it had anything to say */
static bool speak(const struct device *d, const struct device_client *c,
		  void (*tell)(void *userdata, const struct packet *p), void *userdata)
{
	static const struct packet close = { .type = PACKET_CLOSE };
	uint8_t data[DEVICE_DATA_BYTES];

	if (!c->reading)
		return false;
	for (unsigned i = c->acked; i < DEVICE_PACKETS; i++) {
		struct packet p = { .type = PACKET_DRW, .index = (uint16_t)i, .data = data };

		p.size = device_data(i, data);
		tell(userdata, &p);
	}
	if (c->acked < DEVICE_PACKETS)
		return true;
	if (d->closes)
		tell(userdata, &close);
	return d->closes;
}

uint8_t device_byte(unsigned channel, size_t position)
{
	return (uint8_t)(position * 7 + position / 1021 + channel);
}

/* What is in turn is taken, what came before acknowledged again; the rest has to come again. */
static void take_data(struct device_client *c, const struct packet *p,
		      void (*tell)(void *userdata, const struct packet *p), void *userdata)
{
	uint8_t list[2] = { (uint8_t)(p->index >> 8), (uint8_t)p->index };
	struct packet ack = { .type = PACKET_DRW_ACK,
			      .channel = p->channel,
			      .count = 1,
			      .data = list,
			      .size = sizeof(list) };
	size_t *at = &c->received[p->channel];

	if ((int16_t)(uint16_t)(p->index - c->expected[p->channel]) > 0)
		return;
	if (p->index == c->expected[p->channel]) {
		for (size_t i = 0; i < p->size; i++)
			c->wrong |= p->data[i] != device_byte(p->channel, (*at)++);
		c->expected[p->channel]++;
	}
	tell(userdata, &ack);
}

void device_answer(const struct device *d, struct device_client *c, const struct packet *p,
		   void (*tell)(void *userdata, const struct packet *p), void *userdata)
{
	static const struct packet alive = { .type = PACKET_ALIVE_ACK };
	unsigned before = c->acked;

	switch (p->type) {
	case PACKET_ALIVE:
		c->reading = true;
		tell(userdata, &alive);
		speak(d, c, tell, userdata);
		break;
	case PACKET_DRW_ACK:
		take_acks(c, p);
		if (c->acked == DEVICE_PACKETS && before < c->acked)
			speak(d, c, tell, userdata);
		break;
	case PACKET_DRW:
		take_data(c, p, tell, userdata);
		break;
	case PACKET_CLOSE:
		*c = (struct device_client){ .address = { .port = 0 } };
		break;
	default:
		break;
	}
}

/* Where an answer goes. */
struct way {
	struct device *device;
	enum device_place from;
	struct ppcs_address to;
};

static void say_to_client(void *userdata, const struct packet *p)
{
	const struct way *way = userdata;

	say(way->device, way->from, &way->to, p);
}

static void receive_session(struct device *d, enum device_place at, const struct ppcs_address *from,
			    const struct packet *p)
{
	struct device_client *c = find_client(d, at, from);
	struct way way = { .device = d, .from = at, .to = *from };

	if (c)
		device_answer(d, c, p, say_to_client, &way);
}

static void receive_camera(struct device *d, enum device_place at, const struct ppcs_address *from,
			   const struct packet *p)
{
	struct packet punch = { .type = PACKET_PUNCH_PKT, .uid = own_uid() };
	struct packet ready = { .type = PACKET_P2P_RDY, .uid = own_uid() };

	if (p->type == PACKET_LAN_SEARCH) {
		say(d, DEVICE_MAIN, from, &punch);
	} else if (p->type == PACKET_PUNCH_PKT && ppcs_uid_same(&p->uid, &punch.uid)) {
		meet(d, DEVICE_MAIN, from);
		say(d, DEVICE_MAIN, from, &ready);
	} else {
		receive_session(d, at, from, p);
	}
}

static void list_relay(struct device *d, const struct ppcs_address *to)
{
	const struct ppcs_address *relay = &d->at[DEVICE_RELAY];
	uint8_t entry[16] = { 0, 2, (uint8_t)relay->port, (uint8_t)(relay->port >> 8) };
	struct packet list = { .type = PACKET_LIST_REQ_ACK, .count = 1, .data = entry };

	list.size = sizeof(entry);
	for (unsigned i = 0; i < 4; i++)
		entry[4 + i] = relay->ip[3 - i];
	say(d, DEVICE_SERVER, to, &list);
}

static void receive_server(struct device *d, const struct ppcs_address *from,
			   const struct packet *p)
{
	struct packet hello = { .type = PACKET_HELLO_ACK, .address = *from };
	struct packet accepted = { .type = PACKET_P2P_REQ_ACK };
	struct packet punch = { .type = PACKET_PUNCH_TO, .address = d->at[DEVICE_MAIN] };
	struct packet relayed = { .type = PACKET_RLY_TO, .key = KEY };

	switch (p->type) {
	case PACKET_HELLO:
		say(d, DEVICE_SERVER, from, &hello);
		break;
	case PACKET_P2P_REQ:
		say(d, DEVICE_SERVER, from, &accepted);
		say(d, DEVICE_SERVER, from, &punch);
		break;
	case PACKET_LIST_REQ1:
		list_relay(d, from);
		break;
	case PACKET_RLY_REQ:
		accepted.type = PACKET_RLY_REQ_ACK;
		relayed.address = d->at[DEVICE_RELAYED];
		say(d, DEVICE_SERVER, from, &accepted);
		say(d, DEVICE_SERVER, from, &relayed);
		break;
	default:
		break;
	}
}

static void receive_relay(struct device *d, const struct ppcs_address *from, const struct packet *p)
{
	struct packet answer = { .type = PACKET_RLY_HELLO_ACK };

	if (p->type == PACKET_RLY_PORT)
		answer = (struct packet){ .type = PACKET_RLY_PORT_ACK,
					  .key = KEY,
					  .port = d->at[DEVICE_RELAYED].port };
	else if (p->type != PACKET_RLY_HELLO)
		return;
	say(d, DEVICE_RELAY, from, &answer);
}

static void receive_relayed(struct device *d, const struct ppcs_address *from,
			    const struct packet *p)
{
	struct packet ready = { .type = PACKET_RLY_RDY, .uid = own_uid() };

	if (p->type != PACKET_RLY_PKT) {
		receive_session(d, DEVICE_RELAYED, from, p);
		return;
	}
	if (p->key != KEY || !ppcs_uid_same(&p->uid, &ready.uid))
		return;
	meet(d, DEVICE_RELAYED, from);
	say(d, DEVICE_RELAYED, from, &ready);
}

void device_receive(struct device *d, enum device_place at, const struct ppcs_address *from,
		    const uint8_t *data, size_t size)
{
	uint8_t plain[PACKET_MAX_BYTES];
	struct packet p;

	if (size > sizeof(plain))
		return;
	memcpy(plain, data, size);
	ppcs_cipher_decrypt(&d->cipher, plain, size);
	if (ppcs_packet_decode(plain, size, &p) < 0)
		return;
	if (at == DEVICE_SERVER)
		receive_server(d, from, &p);
	else if (at == DEVICE_RELAY)
		receive_relay(d, from, &p);
	else if (at == DEVICE_RELAYED)
		receive_relayed(d, from, &p);
	else
		receive_camera(d, at, from, &p);
}

bool device_speak_again(const struct device *d, struct device_client *c,
			void (*tell)(void *userdata, const struct packet *p), void *userdata)
{
	if (c->repeats == REPEATS || !speak(d, c, tell, userdata))
		return false;
	c->repeats++;
	return true;
}

bool device_repeat(struct device *d)
{
	bool any = false;

	for (unsigned i = 0; i < DEVICE_CLIENTS; i++) {
		struct device_client *c = &d->clients[i];
		struct way way = { .device = d, .from = c->place, .to = c->address };

		any |= device_speak_again(d, c, say_to_client, &way);
	}
	return any;
}

void device_reset(struct device *d)
{
	memset(d->clients, 0, sizeof(d->clients));
}
