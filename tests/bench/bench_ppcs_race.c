/* SPDX-License-Identifier: MIT */
/*
 * A race won on the LAN, from ppcs_connect() to PPCS_EVENT_CONNECTED, against the same handshake in
 * bare bytes over one socket: three round trips until the device is heard. In turns, on one core.
 */
#include "bench.h"
#include "ppcs_client.h"
#include "ppcs_raw.h"

#define TURNS     300
#define TARGET_US 500

static double race_us(const struct camera *c, bool plain)
{
	struct ppcs *p = client_new(c, plain);
	uint64_t start = now_ns();
	uint64_t ns;

	require(ppcs_connect(p) == 0);
	client_wait(p, PPCS_EVENT_CONNECTED);
	ns = now_ns() - start;
	ppcs_free(p);
	return (double)ns / 1e3;
}

static void print(const char *what, const double *race, const double *raw)
{
	printf("lan race, %s: %.0f us (95 of 100 under %.0f), %.2f of a raw handshake of %.0f us, "
	       "%.0f us more, target <= %d more\n",
	       what, race[TURNS / 2], race[TURNS * 95 / 100], race[TURNS / 2] / raw[TURNS / 2],
	       raw[TURNS / 2], race[TURNS / 2] - raw[TURNS / 2], TARGET_US);
}

int main(void)
{
	static double raw[TURNS], plain[TURNS], unknown[TURNS];
	struct camera c;

	client_stay_on_one_core();
	c = camera_start(0, 1);
	raw_handshake(&c);
	race_us(&c, true);
	for (unsigned i = 0; i < TURNS; i++) {
		raw[i] = (double)raw_handshake(&c) / 1e3;
		plain[i] = race_us(&c, true);
		unknown[i] = race_us(&c, false);
	}
	client_sort(raw, TURNS);
	client_sort(plain, TURNS);
	client_sort(unknown, TURNS);
	print("key known", plain, raw);
	print("all keys tried", unknown, raw);
	camera_stop(&c);
	return 0;
}
