# SPDX-License-Identifier: MIT
"""The parts of the Q-Link simulator: model, commands, server, console, replay."""
