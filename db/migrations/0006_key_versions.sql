-- Which message keys are in use is asked at every start.
ALTER TABLE messages ADD KEY messages_key_version (key_version);
