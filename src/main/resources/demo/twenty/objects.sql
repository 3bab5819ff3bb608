-- The objects of a workspace: the standard ones that matter for webhooks, one of an installed application, and a custom
-- one (rocket) that has a field of each type.
CREATE FUNCTION sample_twenty.add_objects(workspace uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  newer boolean := sample_twenty.generation() = '2.x';
  ending text[] := ARRAY['position POSITION =0', 'createdBy ACTOR']
    || CASE WHEN newer THEN ARRAY['updatedBy ACTOR'] ELSE '{}' END;
  targets text[];
BEGIN
  PERFORM sample_twenty.add_object(workspace, 'workspaceMember', 'workspaceMembers', 'standard', 'name FULL_NAME',
    'colorScheme TEXT', 'locale TEXT', 'avatarUrl TEXT', 'userEmail TEXT', 'timeZone TEXT',
    'dateFormat SELECT SYSTEM,DAY_FIRST =SYSTEM', 'timeFormat SELECT SYSTEM,HOUR_24 =SYSTEM', 'userId UUID',
    'position POSITION =0', 'searchVector TS_VECTOR userEmail');
  PERFORM sample_twenty.add_object(workspace, 'company', 'companies', 'standard', VARIADIC ARRAY['name TEXT',
    'domainName LINKS', 'employees NUMBER', 'linkedinLink LINKS', 'xLink LINKS', 'annualRecurringRevenue CURRENCY',
    'address ADDRESS', 'idealCustomerProfile BOOLEAN =false'] || ending || ARRAY['people RELATION_OF person',
    'accountOwner RELATION workspaceMember', 'opportunities RELATION_OF opportunity', 'searchVector TS_VECTOR name']);
  PERFORM sample_twenty.add_object(workspace, 'person', 'people', 'standard', VARIADIC ARRAY['name FULL_NAME',
    'emails EMAILS', 'linkedinLink LINKS', 'xLink LINKS', 'jobTitle TEXT', 'phones PHONES', 'city TEXT',
    'avatarUrl TEXT'] || CASE WHEN newer THEN ARRAY['avatarFile FILES'] ELSE '{}' END || ending
    || ARRAY['company RELATION company', 'pointOfContactForOpportunities RELATION_OF opportunity',
    'searchVector TS_VECTOR emailsPrimaryEmail']);
  PERFORM sample_twenty.add_object(workspace, 'opportunity', 'opportunities', 'standard', VARIADIC ARRAY['name TEXT',
    'amount CURRENCY', 'closeDate DATE_TIME', 'stage SELECT NEW,SCREENING,MEETING,PROPOSAL,CUSTOMER =NEW'] || ending
    || ARRAY['pointOfContact RELATION person', 'company RELATION company']
    || CASE WHEN newer THEN ARRAY['owner RELATION workspaceMember'] ELSE '{}' END
    || ARRAY['searchVector TS_VECTOR name']);
  PERFORM sample_twenty.add_object(workspace, 'rocket', 'rockets', 'custom', VARIADIC ARRAY['name TEXT'] || ending
    || ARRAY['searchVector TS_VECTOR name', 'code UUID', 'notes TEXT', 'crew NUMBER', 'price NUMERIC', 'isLive BOOLEAN',
    'launchDay DATE', 'launchAt DATE_TIME', 'rating RATING RATING_1,RATING_2,RATING_3,RATING_4,RATING_5',
    'status SELECT PLANNED,BUILT,LAUNCHED', 'tags MULTI_SELECT RED,GREEN,BLUE', 'aliases ARRAY', 'meta RAW_JSON',
    'company RELATION company', 'pilot FULL_NAME', 'contact EMAILS', 'hotline PHONES', 'site LINKS', 'budget CURRENCY',
    'base ADDRESS', 'approvedBy ACTOR', 'manual RICH_TEXT'] || CASE WHEN newer THEN ARRAY['docs FILES',
    'targetPerson MORPH_RELATION person', 'targetCompany MORPH_RELATION company'] ELSE '{}' END);
  PERFORM sample_twenty.add_object(workspace, 'note', 'notes', 'standard', VARIADIC ARRAY['title TEXT',
    'bodyV2 RICH_TEXT'] || ending || ARRAY['noteTargets RELATION_OF noteTarget', 'searchVector TS_VECTOR title']);
  PERFORM sample_twenty.add_object(workspace, 'task', 'tasks', 'standard', VARIADIC ARRAY['title TEXT',
    'bodyV2 RICH_TEXT', 'dueAt DATE_TIME', 'status SELECT TODO,IN_PROGRESS,DONE =TODO'] || ending
    || ARRAY['assignee RELATION workspaceMember', 'searchVector TS_VECTOR title']);
  targets := CASE WHEN newer THEN ARRAY['targetPerson MORPH_RELATION person CASCADE',
      'targetCompany MORPH_RELATION company CASCADE', 'targetOpportunity MORPH_RELATION opportunity CASCADE',
      'targetRocket MORPH_RELATION rocket CASCADE', 'position POSITION =0', 'createdBy ACTOR', 'updatedBy ACTOR']
    ELSE ARRAY['person RELATION person CASCADE', 'company RELATION company CASCADE',
      'opportunity RELATION opportunity CASCADE', 'rocket RELATION rocket CASCADE'] END;
  PERFORM sample_twenty.add_object(workspace, 'noteTarget', 'noteTargets', 'standard',
    VARIADIC ARRAY['note RELATION note CASCADE'] || targets);
  PERFORM sample_twenty.add_object(workspace, 'timelineActivity', 'timelineActivities', 'standard',
    'happensAt DATE_TIME =now', 'name TEXT', 'properties RAW_JSON', 'linkedRecordCachedName TEXT', 'linkedRecordId UUID',
    'linkedObjectMetadataId UUID', 'workspaceMember RELATION workspaceMember');
  IF newer THEN
    PERFORM sample_twenty.add_object(workspace, 'survey', 'surveys', 'app', VARIADIC ARRAY['name TEXT', 'score NUMBER',
      'person RELATION person'] || ending);
  END IF;
END $$;
