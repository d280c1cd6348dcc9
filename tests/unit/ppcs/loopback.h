/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PPCS_LOOPBACK_H
#define TESTS_PPCS_LOOPBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

/**
 * A camera on a real socket of the loopback interface that does what the test says, the library as
 * its users see it, and one loop for both, so that nothing happens beside the test. The camera
 * speaks bytes of its own, no code of the library.
 */

/** Cameras are TEST-000001-ABCDE and so on. */
#define DEVICE_UID       "TEST-000001-ABCDE"
#define OTHER_DEVICE_UID "TEST-000002-ABCDE"
/** The silence that ends a session where that is not what is tested. */
#define FOR_EVER_MS 600000

enum {
	TYPE_LAN_SEARCH = 0x30,
	TYPE_PUNCH_PKT = 0x41,
	TYPE_P2P_RDY = 0x42,
	TYPE_DRW = 0xd0,
	TYPE_DRW_ACK = 0xd1,
	TYPE_ALIVE = 0xe0,
	TYPE_ALIVE_ACK = 0xe1,
	TYPE_CLOSE = 0xf0
};

/** Who has spoken to a camera from one port. */
struct caller {
	uint16_t port;
	bool ignored;        /**< is not answered once the path is up */
	unsigned heard[256]; /**< messages, by type */
};

struct device {
	int fd, probe;
	uint16_t port, probe_port;
	uint8_t number; /**< in its id */
	bool ignores;   /**< those who call from now on */
	struct caller *callers;
	size_t count;
};

void device_open(struct device *d, uint8_t number);
void device_close(struct device *d);
/** Answer all that has come. */
void device_serve(struct device *d);
/** There has to be one. Valid until somebody else calls. */
struct caller *device_caller(const struct device *d, uint16_t port);
/** @name Say something; when this returns it waits in the other socket.
 * @{ */
void device_say(const struct device *d, uint16_t port, uint8_t type);
void device_say_id(const struct device *d, uint16_t port, uint8_t type, uint8_t number);
void device_say_data(const struct device *d, uint16_t port, uint8_t channel, uint16_t index,
		     const void *data, size_t size);
/** @} */

/** Who takes part in a turn of the loop; all but the device may be missing. */
struct scene {
	struct device *device;
	struct ppcs_pool *pool;
	struct ppcs *handle;
};

/** Wait until something comes for one of them, and have it do what is due. */
void scene_turn(const struct scene *s);
/** @return a handle that knows where the device is */
struct ppcs *scene_handle(const struct device *d);
/** Connect a handle, which has to succeed, and take its events; the others go on meanwhile. */
void scene_connect(const struct scene *s, struct ppcs *p);
/** @return a handle with a session */
struct ppcs *scene_session(const struct scene *s);
/** Turn until the device has heard so many messages of a type. */
void scene_hear(const struct scene *s, uint16_t port, uint8_t type, unsigned times);
/** Turn until a session has ended in the pool. */
const struct ppcs_event *scene_ended(const struct scene *s);

/** @return the local port of a session */
uint16_t port_of(struct ppcs *p);
/** @return how many descriptors are open */
unsigned open_descriptors(void);

#endif
