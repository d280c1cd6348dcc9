/* SPDX-License-Identifier: MIT */
/* Frames that wait to be sent, each in one call. */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mask.h"

#define MAX_FRAMES 64

static void log_frame(const struct session *s, const uint8_t *frame, size_t size)
{
	uint8_t masked[FRAME_MAX_BYTES];

	if (!cmn_log_wants(&s->log, CMN_LOG_WIRE))
		return;
	memcpy(masked, frame, size);
	if (size > FRAME_HEADER_BYTES)
		meshtcp_mask_to(masked + FRAME_HEADER_BYTES, size - FRAME_HEADER_BYTES);
	cmn_log_wire(&s->log, '>', 1, masked, size);
	explicit_bzero(masked, sizeof(masked));
}

bool meshtcp_output_add(struct session *s, const uint8_t *frame, size_t size)
{
	struct out_frame *f;

	if (size == 0 || s->out_count == MAX_FRAMES)
		return false;
	f = malloc(sizeof(*f));
	if (!f)
		return false;
	f->next = NULL;
	f->size = size;
	memcpy(f->data, frame, size);
	if (!s->out)
		s->out_end = &s->out;
	*s->out_end = f;
	s->out_end = &f->next;
	s->out_count++;
	return true;
}

static void pop(struct session *s)
{
	struct out_frame *f = s->out;

	s->out = f->next;
	s->out_count--;
	explicit_bzero(f, sizeof(*f));
	free(f);
}

void meshtcp_output_clear(struct session *s)
{
	while (s->out)
		pop(s);
}

size_t meshtcp_session_output(const struct session *s, const uint8_t **ret_data)
{
	if (!s->open || !s->out)
		return 0;
	*ret_data = s->out->data;
	return s->out->size;
}

void meshtcp_session_sent(struct session *s, uint64_t now)
{
	if (!s->out)
		return;
	log_frame(s, s->out->data, s->out->size);
	s->said_ms = now;
	s->statistics.frames_sent++;
	s->statistics.bytes_sent += s->out->size;
	pop(s);
}
