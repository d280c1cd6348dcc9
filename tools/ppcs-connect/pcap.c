/* SPDX-License-Identifier: MIT */
/* Records of a pcap file, and the IPv4 and UDP headers in them. */
#include "pcap.h"

#include <assert.h>
#include <string.h>

#define MAGIC_MICROSECONDS 0xa1b2c3d4
#define LINKTYPE_RAW       101
#define SNAPLEN            65535

#define IP_HEAD   20
#define UDP_HEAD  8
#define TTL       64
#define PROTO_UDP 17

static void put_le(uint8_t *to, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static void put_be16(uint8_t *to, unsigned value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

/* Adds to a sum of 16-bit words; an odd byte at the end counts as the high one of its word. */
static uint32_t add_words(uint32_t sum, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum += (uint32_t)data[i] << (i % 2 ? 0 : 8);
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void pcap_file_head(uint8_t head[PCAP_FILE_HEAD])
{
	memset(head, 0, PCAP_FILE_HEAD);
	put_le(head, MAGIC_MICROSECONDS, 4);
	put_le(head + 4, 2, 2);
	put_le(head + 6, 4, 2);
	put_le(head + 16, SNAPLEN, 4);
	put_le(head + 20, LINKTYPE_RAW, 4);
}

static void put_ip(const struct pcap_datagram *d, uint8_t ip[IP_HEAD])
{
	memset(ip, 0, IP_HEAD);
	ip[0] = 0x45; /* version 4, five words */
	put_be16(ip + 2, (unsigned)(IP_HEAD + UDP_HEAD + d->size));
	put_be16(ip + 4, d->id);
	ip[8] = TTL;
	ip[9] = PROTO_UDP;
	memcpy(ip + 12, d->from.ip, 4);
	memcpy(ip + 16, d->to.ip, 4);
	put_be16(ip + 10, fold(add_words(0, ip, IP_HEAD)));
}

/* `ip` is the header that stands before, whose addresses count as well. */
static void put_udp(const struct pcap_datagram *d, const uint8_t ip[IP_HEAD], uint8_t *udp)
{
	size_t size = UDP_HEAD + d->size;
	uint32_t sum = PROTO_UDP + (uint32_t)size;
	uint16_t check;

	put_be16(udp, d->from.port);
	put_be16(udp + 2, d->to.port);
	put_be16(udp + 4, (unsigned)size);
	put_be16(udp + 6, 0);
	memcpy(udp + UDP_HEAD, d->data, d->size);
	sum = add_words(sum, ip + 12, 8);
	check = fold(add_words(sum, udp, size));
	/* 0 would say that there is none. */
	put_be16(udp + 6, check ? check : 0xffff);
}

size_t pcap_record(const struct pcap_datagram *datagram, uint8_t record[PCAP_RECORD_MAX])
{
	size_t size = PCAP_UDP_HEADS + datagram->size;
	uint8_t *ip = record + PCAP_RECORD_HEAD;

	assert(datagram->size <= PCAP_PAYLOAD_MAX);
	put_le(record, (uint32_t)datagram->time.tv_sec, 4);
	put_le(record + 4, (uint32_t)(datagram->time.tv_nsec / 1000), 4);
	put_le(record + 8, (uint32_t)size, 4);
	put_le(record + 12, (uint32_t)size, 4);
	put_ip(datagram, ip);
	put_udp(datagram, ip, ip + IP_HEAD);
	return PCAP_RECORD_HEAD + size;
}
