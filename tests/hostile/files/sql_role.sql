-- statements that no desired state may hold
CREATE ROLE "hostile @CASE@" SUPERUSER;
GRANT pg_execute_server_program TO plain;
ALTER ROLE plain SUPERUSER;
