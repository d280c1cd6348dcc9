/* SPDX-License-Identifier: MIT */
/* What a channel has to say; see ppcs_written.h. */
#include "ppcs_written.h"

#include "fuzz.h"

uint64_t written_mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

uint8_t written_byte(unsigned channel, uint64_t at)
{
	return (uint8_t)written_mix(at * 8 + channel + 1);
}

static uint64_t number_of(const struct written *w, uint16_t index)
{
	return w->oldest + (uint16_t)(index - (uint16_t)w->oldest);
}

void written_sent(struct written *w, const struct packet *p)
{
	uint64_t number = number_of(w, p->index), at;

	must(p->size >= 1 && p->size <= PACKET_DATA_BYTES);
	must(number <= w->next && number - w->oldest < WRITTEN_WINDOW);
	if (number == w->next) {
		w->next++;
		w->out[number % WRITTEN_QUEUED].open = true;
		w->out[number % WRITTEN_QUEUED].start = w->cut;
		w->out[number % WRITTEN_QUEUED].size = p->size;
		w->cut += p->size;
		must(w->cut <= w->written);
	}
	must(w->out[number % WRITTEN_QUEUED].open);
	must(w->out[number % WRITTEN_QUEUED].size == p->size);
	at = w->out[number % WRITTEN_QUEUED].start;
	for (size_t i = 0; i < p->size; i++)
		must(p->data[i] == written_byte(p->channel, at + i));
}

void written_acked(struct written *w, uint16_t index)
{
	uint64_t number = number_of(w, index);

	if (number >= w->next || !w->out[number % WRITTEN_QUEUED].open)
		return;
	w->out[number % WRITTEN_QUEUED].open = false;
	w->unsent -= w->out[number % WRITTEN_QUEUED].size;
}

void written_close_gap(struct written *w)
{
	while (w->oldest < w->next && !w->out[w->oldest % WRITTEN_QUEUED].open)
		w->oldest++;
}
