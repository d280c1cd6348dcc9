/* SPDX-License-Identifier: MIT */
/*
 * Records of a pcap file: UDP datagrams in IPv4 packets without a link layer (LINKTYPE_RAW), with
 * headers made for them. Little-endian, microseconds, on every machine.
 */
#ifndef TOOLS_PPCS_CONNECT_PCAP_H
#define TOOLS_PPCS_CONNECT_PCAP_H

#include <ppcs/ppcs.h>

#include <time.h>

#define PCAP_FILE_HEAD   24
#define PCAP_RECORD_HEAD 16
#define PCAP_UDP_HEADS   28 /* IPv4 and UDP */
#define PCAP_PAYLOAD_MAX 2048
#define PCAP_RECORD_MAX  (PCAP_RECORD_HEAD + PCAP_UDP_HEADS + PCAP_PAYLOAD_MAX)

struct pcap_datagram {
	struct timespec time;
	struct ppcs_address from, to;
	uint16_t id; /* of the IPv4 packet */
	const uint8_t *data;
	size_t size; /* at most PCAP_PAYLOAD_MAX */
};

void pcap_file_head(uint8_t head[PCAP_FILE_HEAD]);

/* Writes one record with right checksums. The size of it. */
size_t pcap_record(const struct pcap_datagram *datagram, uint8_t record[PCAP_RECORD_MAX]);

#endif
