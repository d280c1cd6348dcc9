# SPDX-License-Identifier: MIT
"""The parts of the IPCom simulator: cipher, messages, model, server, console."""
