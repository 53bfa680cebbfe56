# Sourced by the mysql image's entrypoint during a volume's first start, after the schema was made.
# Not MYSQL_USER: the image would give that user every right on the database, to drop it included.
(
  . /usr/local/lib/chatapp/common.bash
  application_user_sql
) | docker_process_sql
rm "/var/lib/mysql/.chatapp-first-start"
