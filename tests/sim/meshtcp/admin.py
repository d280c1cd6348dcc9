# SPDX-License-Identifier: MIT
"""Administration of the own node and of others (protocol sheet, section 12).

Sections, channels and the owner are stored as they come and read back the same.
"""

from .download import metadata
from .tables import ADMIN, SCHEMA, decode, encode, member

BAD_REQUEST, NOT_AUTHORIZED, BAD_PASSKEY, KEY_UNAUTHORIZED = 32, 33, 36, 37
PASSKEY_RENEWED, PASSKEY_VALID = 150, 300
ACTIONS_MAX = 10000
# What a client can change about the owner.
OWNER_FIELDS = ("long_name", "short_name", "is_licensed", "is_unmessagable")
FLAG_WRITES = {"set_favorite_node": ("is_favorite", True),
               "remove_favorite_node": ("is_favorite", False),
               "set_ignored_node": ("is_ignored", True),
               "remove_ignored_node": ("is_ignored", False)}


class Admin:
    def __init__(self, device):
        self.device = device
        self.actions = []

    def answer(self, station, packet, payload, remote):
        """As Answers.reply."""
        state = self.device.mesh.admin(station)
        message = decode("Admin", payload)
        field = member("Admin", message)
        if field is None:
            return BAD_REQUEST
        name, value = field.name, message[field.name]
        if remote:
            error = self.not_allowed(state, packet)
            if error:
                return error
        elif state.config.read("security").get("is_managed"):
            return False
        if name.endswith("_request"):
            return self.read(station, state, name, value)
        if remote and not self.good_passkey(state, message.get("session_passkey", b"")):
            return BAD_PASSKEY
        self.note(station, name, value)
        return self.write(station, state, name, value)

    def note(self, station, name, value):
        if len(self.actions) < ACTIONS_MAX:
            self.actions.append({"node": station.number, "action": name, "value": value})
        self.device.counts["admin_writes"] += 1

    def not_allowed(self, state, packet):
        """The error for a remote client whose key is not known there."""
        own = self.device.mesh.own
        if own.key and self.device.radio.keys(packet, packet.get("decoded", {}))[0]:
            return 0 if state.trusts else KEY_UNAUTHORIZED
        index = packet.get("channel", 0)
        channels = self.device.own_admin().channels
        settings = decode("Channel", channels[index]) if index < len(channels) else {}
        return 0 if settings.get("settings", {}).get("name") == "admin" else NOT_AUTHORIZED

    # Passkeys.

    def passkey(self, state):
        """The one to give out now: a new one when the last is older than 150 s."""
        now = self.device.clock.now()
        if state.passkey is None or now - state.passkey_at > PASSKEY_RENEWED:
            state.passkey = self.device.faults.random.randbytes(8)
            state.passkey_at = now
        return state.passkey

    def good_passkey(self, state, given):
        age = self.device.clock.now() - state.passkey_at
        return state.passkey is not None and given == state.passkey and age <= PASSKEY_VALID

    # Reading.

    def read(self, station, state, name, value):
        try:
            found = self.reading(station, state, name, value)
        except (KeyError, IndexError):
            return BAD_REQUEST
        answer = {name.replace("_request", "_response"): found,
                  "session_passkey": self.passkey(state)}
        self.device.counts["admin_reads"] += 1
        return ADMIN, encode("Admin", answer)

    def reading(self, station, state, name, value):
        if name == "get_channel_request":
            return state.channels[value - 1 if value else len(state.channels)]
        if name == "get_owner_request":
            return station.user_message()
        if name == "get_config_request":
            return state.config.record(value + 1)
        if name == "get_module_config_request":
            return state.modules.record(value + 1)
        return {
            "get_canned_messages_request": state.texts["canned"],
            "get_device_metadata_request": self.metadata(station),
            "get_ringtone_request": state.texts["ringtone"],
            "get_connection_status_request": b"", "get_remote_hardware_pins_request": b"",
            "get_ui_config_request": state.ui,
        }[name]

    def metadata(self, station):
        found = metadata(self.device)
        if station is not self.device.mesh.own:
            user = station.user or {}
            found |= {"role": station.role, "hw_model": user.get("hw_model", 0), "hasWifi": False}
        return found

    # Writing.

    def write(self, station, state, name, value):
        """Does it; an error number, or None for an ack."""
        settle = None
        if name in ("set_config", "set_module_config"):
            settle = self.write_section(
                state.config if name == "set_config" else state.modules, value)
        elif name == "set_channel":
            settle = self.write_channel(state, value)
        elif name == "set_owner":
            station.set_user({key: value[key] for key in OWNER_FIELDS if key in value})
            settle = True
        elif name == "set_canned_messages":
            state.texts["canned"] = value
        elif name == "set_ringtone":
            state.texts["ringtone"] = value
        elif name == "store_ui_config":
            state.ui = value
        elif name == "begin_edit_settings":
            state.editing = True
        elif name == "commit_edit_settings":
            state.editing = False
            settle = state.changed or None
        elif station is self.device.mesh.own:
            return self.write_own(name, value)
        if settle is False:
            return BAD_REQUEST
        if settle:
            self.settle(station, state)
        return None

    @staticmethod
    def write_section(sections, data):
        """Stores the bytes of the section inside a Config or ModuleConfig; True when it did."""
        field = member(sections.table, decode(sections.table, data))
        if field is None:
            return False
        sections.raw[field.number] = SCHEMA.inner(data, field.number)
        return True

    @staticmethod
    def write_channel(state, data):
        index = decode("Channel", data).get("index", 0)
        if not 0 <= index < len(state.channels):
            return False
        state.channels[index] = data
        return True

    def settle(self, station, state):
        """After a change the node reboots, unless more changes were announced."""
        state.changed = state.editing
        if not state.editing and station is self.device.mesh.own:
            self.device.reboot_after_write()

    def write_own(self, name, value):
        """What only the own node can do here; of other nodes it is just recorded."""
        device = self.device
        mesh = device.mesh
        if name in FLAG_WRITES:
            flag, wanted = FLAG_WRITES[name]
            station = mesh.find(value)
            if station is None:
                return BAD_REQUEST
            station.flags[flag] = wanted
        elif name == "toggle_muted_node":
            station = mesh.find(value)
            if station is None:
                return BAD_REQUEST
            station.flags["is_muted"] = not station.flags["is_muted"]
        elif name == "remove_by_nodenum":
            mesh.others.pop(value, None)
        elif name == "add_contact":
            self.add_contact(value)
        elif name == "set_time_only":
            device.clock.set_epoch(value)
        elif name == "set_fixed_position":
            mesh.own.position = value | {"location_source": 1}
        elif name == "remove_fixed_position":
            mesh.own.position = {}
        elif name in ("reboot_seconds", "reboot_ota_seconds"):
            device.reboot_in(value)
        elif name == "shutdown_seconds":
            device.shutdown_in(value)
        elif name in ("nodedb_reset", "factory_reset_device", "factory_reset_config"):
            if name != "factory_reset_config":
                mesh.others.clear()
            if name != "nodedb_reset":
                mesh.own.admin = None
            device.reboot_after_write()
        return None

    def add_contact(self, contact):
        station = self.device.mesh.heard(contact.get("node_num", 0))
        station.set_user(contact.get("user", {}))
        station.flags["is_ignored"] = contact.get("should_ignore", False)
        station.flags["is_key_manually_verified"] = contact.get("manually_verified", False)
