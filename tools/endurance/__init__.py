"""Long trials of the index: killed builds, publishing under load, spoilt files, a served chat under it all."""
