/* SPDX-License-Identifier: MIT */
/* Datagrams that wait to be sent: one buffer, each behind a header of its own. */
#include "outbox.h"

#include <string.h>

#define OUTBOX_MAX_BYTES 262144

struct head {
	uint32_t socket;
	uint32_t size;
	struct ppcs_address to;
};

void ppcs_outbox_init(struct outbox *o)
{
	cmn_buf_init(&o->buf, OUTBOX_MAX_BYTES);
}

void ppcs_outbox_free(struct outbox *o)
{
	cmn_buf_free(&o->buf);
}

bool ppcs_outbox_add(struct outbox *o, const struct datagram *d)
{
	uint8_t record[sizeof(struct head) + 2048];
	struct head head = { .socket = d->socket, .size = (uint32_t)d->size, .to = d->to };

	if (d->size > sizeof(record) - sizeof(head))
		return false;
	memcpy(record, &head, sizeof(head));
	memcpy(record + sizeof(head), d->data, d->size);
	return cmn_buf_append(&o->buf, record, sizeof(head) + d->size) == 0;
}

bool ppcs_outbox_empty(const struct outbox *o)
{
	return cmn_buf_len(&o->buf) == 0;
}

bool ppcs_outbox_first(const struct outbox *o, struct datagram *ret)
{
	const uint8_t *data = cmn_buf_data(&o->buf);
	struct head head;

	if (cmn_buf_len(&o->buf) == 0)
		return false;
	memcpy(&head, data, sizeof(head));
	*ret = (struct datagram){
		.socket = head.socket, .to = head.to, .data = data + sizeof(head), .size = head.size
	};
	return true;
}

void ppcs_outbox_pop(struct outbox *o)
{
	struct datagram d;

	if (ppcs_outbox_first(o, &d))
		cmn_buf_consume(&o->buf, sizeof(struct head) + d.size);
}
