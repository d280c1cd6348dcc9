/* SPDX-License-Identifier: MIT */
/*
 * A camera, a directory server and relays for the torture tests, without any I/O: bytes go in, and
 * answers come out at once. It allocates nothing.
 */
#ifndef TESTS_TORTURE_PPCS_DEVICE_H
#define TESTS_TORTURE_PPCS_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cipher.h"
#include "frame.h"
#include "packet.h"

#define DEVICE_UID "TEST-012345-ABCDE"
/** Packets of data for each client: the first is "ACK", the others have so many bytes. */
#define DEVICE_PACKETS    6
#define DEVICE_DATA_BYTES 1024
#define DEVICE_CLIENTS    64

/** Where a datagram arrives, and from where one comes. */
enum device_place {
	DEVICE_SEARCH,
	DEVICE_MAIN,
	DEVICE_SERVER,
	DEVICE_RELAY,
	DEVICE_RELAYED, /**< the port that the relay assigns */
	DEVICE_PLACES
};

/** A session of the camera. */
struct device_client {
	struct ppcs_address address; /**< that of the relay's port when it is one */
	enum device_place place;
	unsigned acked;   /**< packets of data */
	bool reading;     /**< it has been heard, and wants data */
	unsigned repeats; /**< of the last packet */
	/** Of each channel: the index that is next, and bytes that came; those of device_byte(). */
	uint16_t expected[PACKET_CHANNELS];
	size_t received[PACKET_CHANNELS];
	bool wrong; /**< others came */
};

struct device {
	struct ppcs_address at[DEVICE_PLACES];
	struct ppcs_address tcp_relay;
	struct cipher cipher;
	bool closes; /**< when all data is acknowledged */
	struct device_client clients[DEVICE_CLIENTS];
	unsigned next_client;
	/** Hands an answer on. */
	void (*say)(void *userdata, enum device_place from, const struct ppcs_address *to,
		    const uint8_t *data, size_t size);
	void *userdata;
};

/** An end of a TCP connection: the directory server, or the relay. */
struct device_stream {
	bool relay, joined;
	struct device_client client;
	uint8_t in[2 * FRAME_MAX_BYTES];
	size_t size;
	uint8_t out[16 * FRAME_MAX_BYTES];
	size_t out_size;
};

/** A datagram came. */
void device_receive(struct device *d, enum device_place at, const struct ppcs_address *from,
		    const uint8_t *data, size_t size);
/** Say again what was not acknowledged, and CLOSE; not for ever. @return whether there was any */
bool device_repeat(struct device *d);
/** Forget all clients. */
void device_reset(struct device *d);
/** Bytes of a stream came; the answer is appended to `out`. @return false: hang up */
bool device_stream_receive(struct device *d, struct device_stream *st, const uint8_t *data,
			   size_t size);
/** Whether bytes are what the device says next, in whole packets; PACKETS counts them. */
bool device_heard(unsigned *packets, const uint8_t *data, size_t size);
/** The data of a packet. @return its size */
size_t device_data(unsigned index, uint8_t data[DEVICE_DATA_BYTES]);
/** The byte that a channel has to bring at a position. */
uint8_t device_byte(unsigned channel, size_t position);
/** Likewise, into `out`. */
bool device_stream_repeat(struct device *d, struct device_stream *st);
/** For the stream: what the camera says again. @return false when there is nothing */
bool device_speak_again(const struct device *d, struct device_client *c,
			void (*tell)(void *userdata, const struct packet *p), void *userdata);
/** For the stream: what the camera answers to a packet of a session, handed to TELL. */
void device_answer(const struct device *d, struct device_client *c, const struct packet *p,
		   void (*tell)(void *userdata, const struct packet *p), void *userdata);

#endif
