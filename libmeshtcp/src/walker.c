/* SPDX-License-Identifier: MIT */
/* Messages field by field, by the names of a schema. */
#include <meshtcp/fields.h>

#include <string.h>

#include "pb.h"
#include "schema.h"

void meshtcp_walker_init(struct meshtcp_walker *w, const struct meshtcp_schema *schema,
			 const uint8_t *data, size_t size)
{
	memset(w, 0, sizeof(*w));
	w->level[0].schema = schema;
	w->level[0].data = data;
	w->level[0].size = size;
}

bool meshtcp_walker_failed(const struct meshtcp_walker *w)
{
	return w->failed;
}

static enum pb_wire wire_of(enum schema_type type)
{
	switch (type) {
	case TYPE_FIX32:
	case TYPE_SFIX32:
	case TYPE_FLOAT:
		return PB_FIXED32;
	case TYPE_TEXT:
	case TYPE_BYTES:
	case TYPE_MESSAGE:
		return PB_BYTES;
	default:
		return PB_VARINT;
	}
}

/* A number as what it is said to be. */
static void fill_scalar(struct meshtcp_field *f, const struct schema_field *s, uint64_t scalar)
{
	switch (s->type) {
	case TYPE_I32:
	case TYPE_SFIX32:
		f->kind = MESHTCP_FIELD_INT;
		f->value.i = (int32_t)(uint32_t)scalar;
		break;
	case TYPE_S32:
		f->kind = MESHTCP_FIELD_INT;
		f->value.i = meshtcp_pb_s32(scalar);
		break;
	case TYPE_BOOL:
		f->kind = MESHTCP_FIELD_BOOL;
		f->value.u = scalar != 0;
		break;
	case TYPE_ENUM:
		f->kind = MESHTCP_FIELD_ENUM;
		f->value.u = (uint32_t)scalar;
		f->word = meshtcp_word(s->words, (uint32_t)scalar);
		break;
	case TYPE_FLOAT:
		f->kind = MESHTCP_FIELD_FLOAT;
		f->value.f = (double)meshtcp_pb_float(scalar);
		break;
	case TYPE_U64:
		f->kind = MESHTCP_FIELD_UINT;
		f->value.u = scalar;
		break;
	default:
		f->kind = MESHTCP_FIELD_UINT;
		f->value.u = (uint32_t)scalar;
		break;
	}
}

static void name_field(struct meshtcp_field *f, const struct schema_field *s, uint32_t number)
{
	memset(f, 0, sizeof(*f));
	f->number = number;
	f->name = s ? s->name : "";
	f->repeated = s && (s->flags & SCHEMA_REPEATED);
	f->secret = s && (s->flags & SCHEMA_SECRET);
}

/* What no table knows is shown as it stands. */
static void fill_unknown(struct meshtcp_field *f, const struct pb_value *v)
{
	f->kind = v->wire == PB_BYTES ? MESHTCP_FIELD_BYTES : MESHTCP_FIELD_UINT;
	f->value.u = v->scalar;
	f->data = v->data;
	f->size = v->size;
}

static const struct meshtcp_field *descend(struct meshtcp_walker *w, const struct schema_field *s,
					   const struct pb_value *v)
{
	if (w->depth + 1 == MESHTCP_MAX_DEPTH) {
		fill_unknown(&w->field, v);
		return &w->field;
	}
	w->depth++;
	w->level[w->depth].schema = s->message;
	w->level[w->depth].data = v->data;
	w->level[w->depth].size = v->size;
	w->level[w->depth].pos = 0;
	w->field.kind = MESHTCP_FIELD_BEGIN;
	return &w->field;
}

static const struct meshtcp_field *next_packed(struct meshtcp_walker *w)
{
	struct schema_field s;
	bool known = meshtcp_schema_find(w->level[w->depth].schema, w->field.number, &s);
	struct pb_reader r = { .data = w->packed, .size = w->packed_size, .pos = w->packed_pos };
	uint64_t scalar;

	if (!known || !meshtcp_pb_packed(&r, wire_of(s.type), &scalar)) {
		w->failed |= r.failed;
		w->packed = NULL;
		return NULL;
	}
	w->packed_pos = r.pos;
	name_field(&w->field, &s, s.number);
	fill_scalar(&w->field, &s, scalar);
	return &w->field;
}

/* What the field on the wire is, by the schema. NULL when it is nothing by itself. */
static const struct meshtcp_field *interpret(struct meshtcp_walker *w, const struct schema_field *s,
					     const struct pb_value *v)
{
	name_field(&w->field, s, v->number);
	if (!s) {
		fill_unknown(&w->field, v);
		return &w->field;
	}
	if (v->wire == PB_BYTES && wire_of(s->type) != PB_BYTES && (s->flags & SCHEMA_REPEATED)) {
		w->packed = v->size > 0 ? v->data : NULL;
		w->packed_size = v->size;
		w->packed_pos = 0;
		return NULL;
	}
	/* Another wire type than the table says: another field of a later version. */
	if (v->wire != wire_of(s->type)) {
		name_field(&w->field, NULL, v->number);
		fill_unknown(&w->field, v);
		return &w->field;
	}
	if (s->type == TYPE_MESSAGE)
		return descend(w, s, v);
	if (v->wire == PB_BYTES) {
		w->field.kind = s->type == TYPE_TEXT ? MESHTCP_FIELD_TEXT : MESHTCP_FIELD_BYTES;
		w->field.data = v->data;
		w->field.size = v->size;
	} else {
		fill_scalar(&w->field, s, v->scalar);
	}
	return &w->field;
}

/* The message at hand is at its end, or torn: back to the one around it. */
static const struct meshtcp_field *ascend(struct meshtcp_walker *w)
{
	if (w->depth == 0)
		return NULL;
	w->depth--;
	name_field(&w->field, NULL, 0);
	w->field.kind = MESHTCP_FIELD_END;
	return &w->field;
}

const struct meshtcp_field *meshtcp_walker_next(struct meshtcp_walker *w)
{
	for (;;) {
		struct pb_reader r = { .data = w->level[w->depth].data,
				       .size = w->level[w->depth].size,
				       .pos = w->level[w->depth].pos };
		const struct meshtcp_field *field;
		struct schema_field s;
		struct pb_value v;
		bool known;

		if (w->packed) {
			field = next_packed(w);
			if (field)
				return field;
			continue;
		}
		if (!meshtcp_pb_next(&r, &v)) {
			w->failed |= r.failed;
			return ascend(w);
		}
		w->level[w->depth].pos = r.pos;
		known = meshtcp_schema_find(w->level[w->depth].schema, v.number, &s);
		field = interpret(w, known ? &s : NULL, &v);
		if (field)
			return field;
	}
}
