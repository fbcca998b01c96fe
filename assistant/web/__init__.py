"""The web chat: pages, the words' way onto them, and the hardened server around both.

Gradio reads these variables once, when it is first imported, so they are set before any file here can.
"""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
