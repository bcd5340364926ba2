// The Lockstep schema language: the only definition of its syntax.
//
// A file is a list of items; an item is a head and then ";" or a block of further items. PostgreSQL's own text (types,
// expressions, bodies) is matched as a balanced run of tokens and sliced from the source as it stands: nothing of SQL's
// expression grammar is repeated here. The rules named raw… are those slices; src/parser/clauses.cpp says, by rule name,
// which property of which kind of object each rule states.
//
// Rules of the house:
//  - Every word of the language is also a name (rule `name`). Where an item could be read both as a column and as one of the
//    fixed patterns ("primary key (", "check x ("), the pattern stands first and wins; everything else is a column.
//  - Loops over raw tokens need one token of lookahead, so that prediction stays cheap on big files.
//  - Nesting is bounded before this parser runs (LS0102), so its recursion is.
//  - Rules ending in Item are where the parser picks up again after a syntax error; rules ending in Block hold them.
grammar Lockstep;

@lexer::members {
// Two forms end where no regular expression can tell: dollar-quoted strings and comments that nest. Both are read to their end in a
// loop (not by recursion, whose depth the input would decide). One that never ends becomes an UNTERMINATED token.
void finish_dollar_string() {
  const ssize_t length = static_cast<ssize_t>(_input->index() - tokenStartCharIndex);
  std::vector<size_t> tag;
  for (ssize_t back = length; back > 0; --back) tag.push_back(_input->LA(-back));
  while (_input->LA(1) != EOF) {
    size_t same = 0;
    while (same < tag.size() && _input->LA(static_cast<ssize_t>(same) + 1) == tag[same]) ++same;
    for (size_t i = same == tag.size() ? same : 1; i > 0; --i) _input->consume();
    if (same == tag.size()) return;
  }
  setType(UNTERMINATED);
}
void finish_comment() {
  for (size_t depth = 1; depth > 0;) {
    const size_t one = _input->LA(1);
    const size_t two = one == EOF ? one : _input->LA(2);
    if (one == EOF) return setType(UNTERMINATED);
    if (one == '*' && two == '/') --depth;
    if (one == '/' && two == '*') ++depth;
    if ((one == '*' && two == '/') || (one == '/' && two == '*')) _input->consume();
    _input->consume();
  }
}
}

// ---------------------------------------------------------------------------------------------------------------- file

file : fileItem* EOF ;

fileItem
  : manageAll | defaultOwner | includeFile | schemaDecl | extensionDecl | dropDirective | ignoreDirective | protectDirective
  | schemaObject | definedObject | plainObject | grantItem | revokeItem | emptyItem
  ;

manageAll : MANAGE ALL ';' ;
defaultOwner : DEFAULT ownerClause ';' ;
includeFile : INCLUDE includePath ';' ;
includePath : text ;
emptyItem : ';' ;

schemaDecl : SCHEMA declared schemaOption* schemaFinish ;
schemaOption : ownerClause | partialClause | renamedClause ;
partialClause : PARTIAL ;
schemaFinish : ';' | schemaBlock ;
schemaBlock : '{' schemaItem* '}' ;
schemaItem
  : schemaObject | definedObject | plainObject | dropDirective | ignoreDirective | protectDirective
  | commentItem | labelItem | grantItem | revokeItem | emptyItem
  ;

extensionDecl : EXTENSION declared extensionOption* finish ;
extensionOption : extensionSchema | extensionVersion ;
extensionSchema : SCHEMA name ;
extensionVersion : VERSION ( text | name ) ;

schemaObject
  : enumDecl | domainDecl | compositeDecl | rangeDecl | sequenceDecl | functionDecl | procedureDecl | aggregateDecl
  | tableDecl | externalTable | viewDecl | materializedViewDecl | statisticsDecl | rowsDecl | sqlDecl
  ;

// What ends nearly every item: a semicolon, or a block with what is said about it.
finish : ';' | facetBlock ;
facetBlock : '{' facetItem* '}' ;
facetItem : commentItem | labelItem | grantItem | revokeItem | emptyItem ;

commentItem : COMMENT commentText ';' ;
commentText : text ;
labelItem : SECURITY? LABEL labelProvider labelText ';' ;
labelProvider : name ;
labelText : text ;
grantItem : GRANT privilege ( ',' privilege )* TO grantees grantOption? ';' ;
revokeItem : REVOKE ALL PRIVILEGES? FROM grantees ';' ;
privilege : privilegeWord privilegeColumns? ;
privilegeWord : ALL PRIVILEGES? | name ;
privilegeColumns : nameList ;
grantees : grantee ( ',' grantee )* ;
grantee : name ;
grantOption : WITH GRANT OPTION ;

// Directives: what is done about objects rather than what they are.
dropDirective : DROP objectKind objectName argumentList? dropAfter? ';' ;
dropAfter : AFTER text ;
ignoreDirective : IGNORE objectKind? rawGlob ';' ;
protectDirective : PROTECT objectKind objectName argumentList? ';' ;
objectName : name ( '.' name )* ;
objectKind
  : SCHEMA | EXTENSION | ENUM | DOMAIN_ | COMPOSITE | RANGE | SEQUENCE | TABLE | COLUMN | VIEW | MATERIALIZED VIEW | FUNCTION
  | PROCEDURE | AGGREGATE | STATISTICS | INDEX | TRIGGER | POLICY | RULE | COLLATION | PUBLICATION | EVENT TRIGGER
  ;
rawGlob : ~( ';' | '{' | '}' )+ ;

// Clauses that many kinds share.
declared : name ( '.' name )? ;
ownerClause : OWNER TO? grantee ;
renamedClause : RENAMED FROM name ( ',' name )* ;
tablespaceClause : TABLESPACE name ;
withClause : WITH optionList ;
optionList : '(' option ( ',' option )* ')' ;
option : optionName ( '=' optionValue )? ;
optionName : name ( '.' name )? ;
optionValue : signedNumber | text | name ;

// --------------------------------------------------------------------------------------------------------------- types

enumDecl : ENUM declared '(' ( enumEntry ( ',' enumEntry )* )? ')' enumOption* finish ;
enumEntry : enumValue enumValueRenamed? ;
enumValue : text ;
enumValueRenamed : RENAMED FROM text ;
enumOption : ownerClause | renamedClause | enumMap ;
enumMap : MAP text TO text ;

domainDecl : DOMAIN_ declared AS? typeClause domainOption* finish ;
domainOption
  : collateClause | domainDefault | notNull | nullable | domainCheck | ownerClause | renamedClause
  ;
domainDefault : DEFAULT rawDefault ;
domainCheck : ( constraintName? CHECK | CHECK declared ) checkExpression notValid? inlineComment? ;

compositeDecl : COMPOSITE declared '(' ( attributeDecl ( ',' attributeDecl )* )? ')' plainOption* finish ;
attributeDecl : declared typeClause collateClause? inlineComment? inlineLabel* renamedClause? ;
plainOption : ownerClause | renamedClause ;

rangeDecl : RANGE declared properties plainOption* finish ;

sequenceDecl : SEQUENCE declared sequenceOption* finish ;
sequenceOption
  : sequenceType | sequenceStart | sequenceIncrement | sequenceMinimum | sequenceMaximum | noMinimum | noMaximum
  | sequenceCache | cycleClause | noCycle | unloggedClause | ownedBy | ownedByNone | ownerClause | renamedClause
  ;
sequenceType : AS rawType ;
sequenceStart : START WITH? signedNumber ;
sequenceIncrement : INCREMENT BY? signedNumber ;
sequenceMinimum : ( MINIMUM | MINVALUE ) signedNumber ;
sequenceMaximum : ( MAXIMUM | MAXVALUE ) signedNumber ;
noMinimum : NO ( MINIMUM | MINVALUE ) ;
noMaximum : NO ( MAXIMUM | MAXVALUE ) ;
sequenceCache : CACHE signedNumber ;
cycleClause : CYCLE ;
noCycle : NO CYCLE ;
unloggedClause : UNLOGGED ;
ownedBy : OWNED BY name '.' name ( '.' name )? ;
ownedByNone : OWNED BY NONE ;

// ------------------------------------------------------------------------------------------------------------ routines

functionDecl : FUNCTION declared argumentList routineOption* finish ;
procedureDecl : PROCEDURE declared argumentList routineOption* finish ;
argumentList : parens ;
routineOption
  : returnsClause | languageClause | volatility | strictClause | notStrict | securityDefiner | securityInvoker | leakproof
  | notLeakproof | windowClause | parallelClause | costClause | rowsClause | supportClause | configurationClause
  | transformClause | stringBody | sqlBody | ownerClause | renamedClause
  ;
returnsClause : RETURNS rawResult ;
rawResult : TABLE parens | SETOF? typeName ;
languageClause : LANGUAGE ( name | text ) ;
volatility : IMMUTABLE | STABLE | VOLATILE ;
strictClause : STRICT_ | RETURNS NULL_ ON NULL_ INPUT ;
notStrict : CALLED ON NULL_ INPUT ;
securityDefiner : EXTERNAL? SECURITY DEFINER ;
securityInvoker : EXTERNAL? SECURITY INVOKER ;
leakproof : LEAKPROOF ;
notLeakproof : NOT LEAKPROOF ;
windowClause : WINDOW ;
parallelClause : PARALLEL parallelMode ;
parallelMode : SAFE | RESTRICTED | UNSAFE ;
costClause : COST rawNumber ;
rowsClause : ROWS rawNumber ;
supportClause : SUPPORT rawQualified ;
configurationClause : SET rawSetting ;
rawSetting : name ( '.' name )* ( ( TO | '=' ) optionValue ( ',' optionValue )* | FROM CURRENT ) ;
transformClause : TRANSFORM rawTransform ;
rawTransform : FOR TYPE typeName ( ',' FOR TYPE typeName )* ;
stringBody : AS text ( ',' text )? ;
sqlBody : BODY text ;

aggregateDecl : AGGREGATE declared argumentList aggregateDefinition plainOption* finish ;
aggregateDefinition : parens ;

// -------------------------------------------------------------------------------------------------------------- tables

tableDecl : TABLE declared tableOption* tableFinish ;
externalTable : EXTERNAL TABLE declared tableOption* tableFinish ;
tableOption
  : ownerClause | unloggedClause | partitionBy | inheritsClause | withClause | usingClause | tablespaceClause | ofType
  | renamedClause
  ;
partitionBy : PARTITION BY partitionKey ;
partitionKey : name parens ;
inheritsClause : INHERITS '(' inheritedTable ( ',' inheritedTable )* ')' ;
inheritedTable : name ( '.' name )? ;
usingClause : USING name ;
ofType : OF rawQualified ;

tableFinish : ';' | tableBlock ;
tableBlock : '{' tableItem* '}' ;
tableItem
  : primaryKeyItem | uniqueItem | checkItem | foreignKeyItem | excludeItem | indexItem | rowSecurityItem
  | replicaIdentityItem | policyItem | triggerItem | inheritedTrigger | ruleItem | partitionItem | partitionsUnmanaged | onlinePolicy
  | dropDirective | protectDirective | commentItem | labelItem | grantItem | revokeItem | inheritedColumn | columnItem | emptyItem
  ;

columnItem : declared typeClause columnOption* finish ;
typeClause : rawType ;
columnOption
  : collateClause | columnStorage | columnCompression | columnStatistics | columnOptions | notNull | nullable | identityClause
  | generatedClause | inlineDefault | inlinePrimaryKey | inlineUnique | inlineCheck | inlineReferences | inlineComment
  | inlineLabel | renamedClause | backfillClause | convertClause
  ;
collateClause : COLLATE rawQualified ;
columnStorage : STORAGE storageMode ;
storageMode : name ;
columnCompression : COMPRESSION compressionMethod ;
compressionMethod : name ;
columnStatistics : STATISTICS signedNumber ;
columnOptions : OPTIONS optionList ;
notNull : NOT NULL_ ;
nullable : NULL_ ;
// What a partition or an inheritance child alone says of a column that it inherits.
inheritedColumn : COLUMN declared inheritedColumnOption+ finish ;
inheritedColumnOption
  : columnStorage | columnCompression | columnStatistics | columnOptions | notNull | noDefault | ownDefault | inlineComment
  | inlineLabel
  ;
noDefault : NO DEFAULT ;
ownDefault : DEFAULT rawDefault ;
identityClause : GENERATED identityMode AS IDENTITY identityOptions? ;
identityMode : ALWAYS | BY DEFAULT ;
identityOptions : parens ;
generatedClause : GENERATED ALWAYS AS generatedExpression ( STORED | virtualWord ) ;
generatedExpression : parens ;
virtualWord : VIRTUAL ;
inlineDefault : DEFAULT rawDefault ;
inlinePrimaryKey : constraintName? PRIMARY KEY ;
inlineUnique : constraintName? UNIQUE nullsClause? ;
inlineCheck : ( constraintName? CHECK | CHECK declared ) checkExpression ( noInherit | notValid | notEnforced )* ;
// `renamed from` after it is the column's.
inlineReferences : constraintName? REFERENCES referencedTable referencedColumns? foreignKeyRule* ;
inlineComment : COMMENT commentText ;
inlineLabel : LABEL labelProvider labelText ;
constraintName : CONSTRAINT declared ;
backfillClause : BACKFILL ( backfillExpression | USING backfillQuery ) withoutTriggers? ;
backfillExpression : parens ;
backfillQuery : text ;
withoutTriggers : WITHOUT TRIGGERS nameList ;
convertClause : CONVERT USING convertExpression ( BACK USING convertBack )? ;
convertExpression : parens ;
convertBack : parens ;

// A default ends where the next option of the column begins; its first token may be anything ("default null").
rawDefault : ( caseExpression | parens | brackets | ~( '(' | ')' | '[' | ']' | ';' | '{' | '}' | ',' | CASE ) ) rawDefaultMore* ;
rawDefaultMore
  : caseExpression | parens | brackets
  | '::' name
  | '.' ( name | '*' )
  | LABEL ( parens | '.' name )  // a function, not the column's label
  | ~( '(' | ')' | '[' | ']' | ';' | '{' | '}' | ',' | '::' | '.' | CASE | NOT | NULL_ | DEFAULT | COLLATE | GENERATED | PRIMARY
     | UNIQUE | CHECK | REFERENCES | CONSTRAINT | COMMENT | RENAMED | BACKFILL | CONVERT | STORAGE | COMPRESSION | STATISTICS
     | OPTIONS | OWNER | LABEL )
  ;
caseExpression : CASE ( caseExpression | parens | brackets | ~( '(' | ')' | '[' | ']' | ';' | '{' | '}' | CASE | END ) )* END ;

primaryKeyItem : PRIMARY KEY declared? columnList constraintOption* indexedFinish ;
uniqueItem : UNIQUE declared? nullsClause? columnList constraintOption* indexedFinish ;
checkItem : CHECK declared? checkExpression ( noInherit | notValid | notEnforced | renamedClause )* finish ;
foreignKeyItem : FOREIGN KEY declared? columnList REFERENCES referencedTable referencedColumns? foreignKeyOption* finish ;
excludeItem : EXCLUDE declared? rawExclusion ( deferrability | renamedClause )* indexedFinish ;
// These have an index, which has a comment of its own.
indexedFinish : ';' | indexedBlock ;
indexedBlock : '{' indexedItem* '}' ;
indexedItem : indexCommentItem | facetItem ;
indexCommentItem : INDEX COMMENT commentText ';' ;
columnList : '(' keyColumn ( ',' keyColumn )* withoutOverlaps? ')' ;
keyColumn : period? name ;
period : PERIOD ;
withoutOverlaps : WITHOUT OVERLAPS ;
checkExpression : parens ;
constraintOption
  : includeColumns | clusteredWord | withClause | tablespaceClause | deferrability | nullsClause | attachedClause | renamedClause
  ;
// A partition's own key whose index is the partition's share of an index of its parent.
attachedClause : ATTACHED TO attachedIndex ;
attachedIndex : name ;
includeColumns : INCLUDE nameList ;
nullsClause : NULLS ( nullsNotDistinct | DISTINCT ) ;
nullsNotDistinct : NOT DISTINCT ;
deferrability : NOT DEFERRABLE | DEFERRABLE | INITIALLY ( DEFERRED | IMMEDIATE ) ;
noInherit : NO INHERIT ;
notValid : NOT VALID ;
notEnforced : NOT ENFORCED ;
referencedTable : name ( '.' name )? ;
referencedColumns : '(' keyColumn ( ',' keyColumn )* ')' ;
foreignKeyOption : foreignKeyRule | renamedClause ;
foreignKeyRule : matchClause | onUpdate | onDelete | deferrability | notValid | notEnforced ;
matchClause : MATCH matchType ;
matchType : FULL | SIMPLE | PARTIAL ;
onUpdate : ON UPDATE foreignKeyAction ;
onDelete : ON DELETE foreignKeyAction ;
foreignKeyAction : NO ACTION | RESTRICT | CASCADE | SET ( NULL_ | DEFAULT ) nameList? ;
rawExclusion
  : ( USING name )? parens
    ( parens | ~( '(' | ')' | ';' | '{' | '}' | NOT | DEFERRABLE | INITIALLY | RENAMED ) )*
  ;

indexItem : uniqueIndex? INDEX declared? ON ONLY? indexMethod? indexColumns indexOption* finish ;
uniqueIndex : UNIQUE ;
indexMethod : USING name ;
indexColumns : parens ;
indexOption
  : indexMethod | indexInclude | nullsClause | indexWith | tablespaceClause | indexWhere | clusteredWord | invalidWord
  | indexStatistics | renamedClause
  ;
indexInclude : INCLUDE parens ;
indexWith : WITH parens ;
indexWhere : WHERE rawPredicate ;
rawPredicate
  : ( caseExpression | parens | brackets | '::' name | '.' ( name | '*' )
    | ~( '(' | ')' | '[' | ']' | ';' | '{' | '}' | '::' | '.' | CASE | CLUSTERED | INVALID | STATISTICS | TABLESPACE | RENAMED ) )+
  ;
clusteredWord : CLUSTERED ;
invalidWord : INVALID ;
indexStatistics : STATISTICS parens ;

rowSecurityItem : ( rowSecurity | forceRowSecurity ) ';' ;
rowSecurity : ROW LEVEL SECURITY ;
forceRowSecurity : FORCE ROW LEVEL SECURITY ;
replicaIdentityItem : REPLICA IDENTITY replicaIdentity ';' ;
replicaIdentity : FULL | NOTHING | DEFAULT | USING? INDEX name ;

policyItem : POLICY declared policyOption+ finish ;
policyOption : policyMode | policyCommand | policyRoles | policyUsing | policyCheck | renamedClause ;
policyMode : AS ( PERMISSIVE | restrictiveWord ) ;
restrictiveWord : RESTRICTIVE ;
policyCommand : FOR commandWord ;
commandWord : ALL | SELECT | INSERT | UPDATE | DELETE ;
policyRoles : TO grantees ;
policyUsing : USING parens ;
policyCheck : WITH CHECK parens ;

triggerItem : constraintWord? TRIGGER declared triggerEvents triggerFrom? triggerAction triggerState? renamedClause? finish ;
constraintWord : CONSTRAINT ;
triggerEvents : ( BEFORE | AFTER | INSTEAD OF ) triggerEvent ( OR triggerEvent )* ;
triggerEvent : INSERT | DELETE | TRUNCATE | UPDATE ( OF name ( ',' name )* )? ;
triggerFrom : FROM referencedTable ;
triggerAction : triggerWhen* EXECUTE ( FUNCTION | PROCEDURE ) name ( '.' name )? argumentList ;
triggerWhen
  : deferrability
  | REFERENCING ( ( NEW | OLD ) TABLE AS? name )+
  | FOR EACH? ( ROW | STATEMENT )
  | WHEN parens
  ;
triggerState : DISABLED | REPLICA | ALWAYS ;

// What a partition alone says of a trigger that it has from its parent.
inheritedTrigger : TRIGGER declared inheritedTriggerState finish ;
inheritedTriggerState : ENABLED | DISABLED | REPLICA | ALWAYS ;

ruleItem : RULE declared triggerState? renamedClause? AS rawRule finish ;
rawRule : ( statementParens | ~( '(' | ')' | ';' | '{' | '}' ) )+ ;
statementParens : '(' ( statementParens | ~( '(' | ')' | '{' | '}' ) )* ')' ;

partitionItem : PARTITION declared partitionBound tableOption* tableFinish ;
partitionBound : DEFAULT | FOR VALUES ( FROM parens TO parens | IN_ parens | WITH parens ) ;
partitionsUnmanaged : PARTITIONS UNMANAGED ';' ;
onlinePolicy : ( onlineClause | offlineClause ) ';' ;
onlineClause : ONLINE ;
offlineClause : OFFLINE ;

rowsDecl : ROWS declared columnList KEY columnList ( INSERT ONLY | NO DELETE )? rawRows ;
rawRows : '{' ( parens ( ',' | ';' )? )* '}' ;
sqlDecl : SQL declared sqlText finish ;
sqlText : text ;

// --------------------------------------------------------------------------------------------------------------- views

viewDecl : VIEW declared viewOption* AS queryText checkOption? viewOption* viewFinish ;
viewOption : withClause | ownerClause | renamedClause ;
queryText : text ;
checkOption : WITH checkScope? CHECK OPTION ;
checkScope : LOCAL | CASCADED ;
viewFinish : ';' | viewBlock ;
viewBlock : '{' viewItem* '}' ;
viewItem : viewColumn | indexItem | triggerItem | ruleItem | dropDirective | protectDirective | facetItem ;
viewColumn : COLUMN declared viewColumnOption* finish ;
viewColumnOption
  : columnStorage | columnCompression | columnStatistics | columnOptions | ownDefault | inlineComment | inlineLabel | renamedClause
  ;

materializedViewDecl : MATERIALIZED VIEW declared materializedViewOption* AS queryText noData? materializedViewOption* viewFinish ;
materializedViewOption : usingClause | withClause | tablespaceClause | ownerClause | renamedClause ;
noData : WITH ( unpopulated | DATA ) ;
unpopulated : NO DATA ;

statisticsDecl : STATISTICS declared statisticsOption* rawStatistics plainOption* finish ;
statisticsOption : statisticsTarget | ownerClause | renamedClause ;
rawStatistics : parens? ON ( parens | brackets | ~( '(' | ')' | '[' | ']' | ';' | '{' | '}' ) )+? ;
statisticsTarget : TARGET signedNumber ;

// Objects whose definition is PostgreSQL's text after the name …
definedObject
  : definedKind declared rawDefinition plainOption* finish
  | castWord rawCast plainOption* finish
  | defaultPrivileges rawDefinition finish
  | extensionPrivileges rawDefinition finish
  ;
definedKind : PUBLICATION | EVENT TRIGGER | COLLATION | SUBSCRIPTION | ROLE ;
castWord : CAST ;
rawCast : parens rawDefinition ;
defaultPrivileges : DEFAULT PRIVILEGES ;
extensionPrivileges : EXTENSION PRIVILEGES ;
rawDefinition : ( parens | brackets | ~( '(' | ')' | '[' | ']' | ';' | '{' | '}' ) )*? ;

// … and objects that are said by their attributes alone.
plainObject
  : plainKind declared properties? plainOption* viewFinish
  | operatorWord operatorName argumentList properties? plainOption* finish
  | userMapping FOR mappedUser SERVER mappedServer properties? finish
  ;
plainKind
  : FOREIGN DATA WRAPPER | FOREIGN SERVER | FOREIGN TABLE | CONVERSION
  | TEXT SEARCH ( CONFIGURATION | DICTIONARY | PARSER | TEMPLATE )
  ;
operatorWord : OPERATOR ;
operatorName : ( name '.' )? rawOperator ;
rawOperator : ( OPERATOR_CHARACTER | '*' | '-' | '+' | '=' )+ ;
userMapping : USER MAPPING ;
mappedUser : name ;
mappedServer : name ;
properties : '(' property ( ',' property )* ')' ;
property : propertyName '=' ( propertyList | rawValue ) ;
propertyName : name ;
propertyList : optionList ;
rawValue : ( parens | brackets | ~( '(' | ')' | '[' | ']' | ',' | ';' | '{' | '}' ) )+ ;

// ------------------------------------------------------------------------------------------------ names, types and raw text

name : IDENTIFIER | QUOTED | reserved | unreserved ;
nameList : '(' name ( ',' name )* ')' ;
text : STRING | DOLLAR_STRING ;
signedNumber : ( '-' | '+' )? NUMBER ;
rawNumber : NUMBER ;
rawQualified : name ( '.' name )* ;

rawType : typeName ;
typeName : typeWords parens? timeZone? ( ARRAY brackets? | brackets* ) ;
typeWords
  : DOUBLE PRECISION
  | NATIONAL? ( CHARACTER | CHAR ) VARYING?
  | BIT VARYING?
  | INTERVAL ( ( YEAR | MONTH | DAY | HOUR | MINUTE | SECOND ) ( TO ( MONTH | HOUR | MINUTE | SECOND ) )? )?
  | typeWord ( '.' name )*
  ;
timeZone : ( WITH | WITHOUT ) TIME ZONE ;
typeWord : IDENTIFIER | QUOTED | unreserved ;

// Balanced runs of tokens. "{" and "}" never stand in SQL outside strings, so an unclosed parenthesis stops at the item's end.
parens : '(' ( parens | brackets | ~( '(' | ')' | '[' | ']' | ';' | '{' | '}' ) )* ')' ;
brackets : '[' ( parens | brackets | ~( '(' | ')' | '[' | ']' | ';' | '{' | '}' ) )* ']' ;

// Words. PostgreSQL reserves the first group: none of them starts the name of a type without quotes.
reserved
  : ALL | AS | CASE | CHECK | COLLATE | COLUMN | CONSTRAINT | DEFAULT | DEFERRABLE | END | FOR | FOREIGN | FROM | GRANT
  | INITIALLY | IN_ | NOT | NULL_ | ON | ONLY | OR | PRIMARY | REFERENCES | SELECT | TABLE | TO | UNIQUE | USING | WHEN
  | WHERE | WINDOW | WITH
  ;
unreserved
  : ACTION | AFTER | AGGREGATE | ALWAYS | ARRAY | ATTACHED | BACK | BACKFILL | BEFORE | BIT | BODY | BY | CACHE | CALLED | CASCADE
  | CASCADED | CAST | CHAR | CHARACTER | CLUSTERED | COLLATION | COMMENT | COMPOSITE | COMPRESSION | CONFIGURATION
  | CONVERSION | CONVERT | COST | CURRENT | CYCLE | DATA | DAY | DEFERRED | DEFINER | DELETE | DICTIONARY | DISABLED
  | DISTINCT | DOMAIN_ | DOUBLE | DROP | EACH | ENABLED | ENFORCED | ENUM | EVENT | EXCLUDE | EXECUTE | EXTENSION | EXTERNAL | FORCE | FULL
  | FUNCTION | GENERATED | HOUR | IDENTITY | IGNORE | IMMEDIATE | IMMUTABLE | INCLUDE | INCREMENT | INDEX | INHERIT | INHERITS
  | INPUT | INSERT | INSTEAD | INTERVAL | INVALID | INVOKER | KEY | LA | LABEL | LANGUAGE | LEAKPROOF | LEVEL | LOCAL | MANAGE
  | MAP | MAPPING | MATCH | MATERIALIZED | MAXIMUM | MAXVALUE | MINIMUM | MINUTE | MINVALUE | MONTH | NATIONAL | NEW | NO | NONE
  | NOTHING | NULLS | OF | OFFLINE | OLD | ONLINE | OPERATOR | OPTION | OPTIONS | OVERLAPS | OWNED | OWNER | PARALLEL | PARSER
  | PARTIAL | PARTITION | PARTITIONS | PERIOD | PERMISSIVE | POLICY | PRECISION | PRIVILEGES | PROCEDURE | PROTECT
  | PUBLICATION | RANGE | REFERENCING | RENAMED | REPLICA | RESTRICT | RESTRICTED | RESTRICTIVE | RETURNS | REVOKE | ROLE
  | ROW | ROWS | RULE | SAFE | SCHEMA | SEARCH | SECOND | SECURITY | SEQUENCE | SERVER | SET | SETOF | SIMPLE | SQL | STABLE
  | START | STATEMENT | STATISTICS | STORAGE | STORED | STRICT_ | SUBSCRIPTION | SUPPORT | TABLESPACE | TARGET | TEMPLATE
  | TEXT | TIME | TRANSFORM | TRIGGER | TRIGGERS | TRUNCATE | TYPE | UNLOGGED | UNMANAGED | UNSAFE | UPDATE | USER | VALID
  | VALUES | VARYING | VERSION | VIEW | VIRTUAL | VOLATILE | WITHOUT | WRAPPER | YEAR | ZONE
  ;

// -------------------------------------------------------------------------------------------------------- punctuation

SEMICOLON : ';' ;
OPEN_BRACE : '{' ;
CLOSE_BRACE : '}' ;
OPEN_PAREN : '(' ;
CLOSE_PAREN : ')' ;
OPEN_BRACKET : '[' ;
CLOSE_BRACKET : ']' ;
COMMA : ',' ;
DOT : '.' ;
EQUALS : '=' ;
TYPECAST : '::' ;
STAR : '*' ;
MINUS : '-' ;
PLUS : '+' ;

// ------------------------------------------------------------------------------------------------------- words, in any case

ACTION : A C T I O N ;
AFTER : A F T E R ;
AGGREGATE : A G G R E G A T E ;
ALL : A L L ;
ALWAYS : A L W A Y S ;
ARRAY : A R R A Y ;
ATTACHED : A T T A C H E D ;
AS : A S ;
BACK : B A C K ;
BACKFILL : B A C K F I L L ;
BEFORE : B E F O R E ;
BIT : B I T ;
BODY : B O D Y ;
BY : B Y ;
CACHE : C A C H E ;
CALLED : C A L L E D ;
CASCADE : C A S C A D E ;
CASCADED : C A S C A D E D ;
CASE : C A S E ;
CAST : C A S T ;
CHAR : C H A R ;
CHARACTER : C H A R A C T E R ;
CHECK : C H E C K ;
CLUSTERED : C L U S T E R E D ;
COLLATE : C O L L A T E ;
COLLATION : C O L L A T I O N ;
COLUMN : C O L U M N ;
COMMENT : C O M M E N T ;
COMPOSITE : C O M P O S I T E ;
COMPRESSION : C O M P R E S S I O N ;
CONFIGURATION : C O N F I G U R A T I O N ;
CONSTRAINT : C O N S T R A I N T ;
CONVERSION : C O N V E R S I O N ;
CONVERT : C O N V E R T ;
COST : C O S T ;
CURRENT : C U R R E N T ;
CYCLE : C Y C L E ;
DATA : D A T A ;
DAY : D A Y ;
DEFAULT : D E F A U L T ;
DEFERRABLE : D E F E R R A B L E ;
DEFERRED : D E F E R R E D ;
DEFINER : D E F I N E R ;
DELETE : D E L E T E ;
DICTIONARY : D I C T I O N A R Y ;
DISABLED : D I S A B L E D ;
DISTINCT : D I S T I N C T ;
DOMAIN_ : D O M A I N ;
DOUBLE : D O U B L E ;
DROP : D R O P ;
EACH : E A C H ;
ENABLED : E N A B L E D ;
END : E N D ;
ENFORCED : E N F O R C E D ;
ENUM : E N U M ;
EVENT : E V E N T ;
EXCLUDE : E X C L U D E ;
EXECUTE : E X E C U T E ;
EXTENSION : E X T E N S I O N ;
EXTERNAL : E X T E R N A L ;
FOR : F O R ;
FORCE : F O R C E ;
FOREIGN : F O R E I G N ;
FROM : F R O M ;
FULL : F U L L ;
FUNCTION : F U N C T I O N ;
GENERATED : G E N E R A T E D ;
GRANT : G R A N T ;
HOUR : H O U R ;
IDENTITY : I D E N T I T Y ;
IGNORE : I G N O R E ;
IMMEDIATE : I M M E D I A T E ;
IMMUTABLE : I M M U T A B L E ;
INCLUDE : I N C L U D E ;
INCREMENT : I N C R E M E N T ;
INDEX : I N D E X ;
INHERIT : I N H E R I T ;
INHERITS : I N H E R I T S ;
INITIALLY : I N I T I A L L Y ;
INPUT : I N P U T ;
INSERT : I N S E R T ;
INSTEAD : I N S T E A D ;
INTERVAL : I N T E R V A L ;
INVALID : I N V A L I D ;
INVOKER : I N V O K E R ;
IN_ : I N ;
KEY : K E Y ;
LA : L A ;
LABEL : L A B E L ;
LANGUAGE : L A N G U A G E ;
LEAKPROOF : L E A K P R O O F ;
LEVEL : L E V E L ;
LOCAL : L O C A L ;
MANAGE : M A N A G E ;
MAP : M A P ;
MAPPING : M A P P I N G ;
MATCH : M A T C H ;
MATERIALIZED : M A T E R I A L I Z E D ;
MAXIMUM : M A X I M U M ;
MAXVALUE : M A X V A L U E ;
MINIMUM : M I N I M U M ;
MINUTE : M I N U T E ;
MINVALUE : M I N V A L U E ;
MONTH : M O N T H ;
NATIONAL : N A T I O N A L ;
NEW : N E W ;
NO : N O ;
NONE : N O N E ;
NOT : N O T ;
NOTHING : N O T H I N G ;
NULLS : N U L L S ;
NULL_ : N U L L ;
OF : O F ;
OFFLINE : O F F L I N E ;
OLD : O L D ;
ON : O N ;
ONLINE : O N L I N E ;
ONLY : O N L Y ;
OPERATOR : O P E R A T O R ;
OPTION : O P T I O N ;
OPTIONS : O P T I O N S ;
OR : O R ;
OVERLAPS : O V E R L A P S ;
OWNED : O W N E D ;
OWNER : O W N E R ;
PARALLEL : P A R A L L E L ;
PARSER : P A R S E R ;
PARTIAL : P A R T I A L ;
PARTITION : P A R T I T I O N ;
PARTITIONS : P A R T I T I O N S ;
PERIOD : P E R I O D ;
PERMISSIVE : P E R M I S S I V E ;
POLICY : P O L I C Y ;
PRECISION : P R E C I S I O N ;
PRIMARY : P R I M A R Y ;
PRIVILEGES : P R I V I L E G E S ;
PROCEDURE : P R O C E D U R E ;
PROTECT : P R O T E C T ;
PUBLICATION : P U B L I C A T I O N ;
RANGE : R A N G E ;
REFERENCES : R E F E R E N C E S ;
REFERENCING : R E F E R E N C I N G ;
RENAMED : R E N A M E D ;
REPLICA : R E P L I C A ;
RESTRICT : R E S T R I C T ;
RESTRICTED : R E S T R I C T E D ;
RESTRICTIVE : R E S T R I C T I V E ;
RETURNS : R E T U R N S ;
REVOKE : R E V O K E ;
ROLE : R O L E ;
ROW : R O W ;
ROWS : R O W S ;
RULE : R U L E ;
SAFE : S A F E ;
SCHEMA : S C H E M A ;
SEARCH : S E A R C H ;
SECOND : S E C O N D ;
SECURITY : S E C U R I T Y ;
SELECT : S E L E C T ;
SEQUENCE : S E Q U E N C E ;
SERVER : S E R V E R ;
SET : S E T ;
SETOF : S E T O F ;
SIMPLE : S I M P L E ;
SQL : S Q L ;
STABLE : S T A B L E ;
START : S T A R T ;
STATEMENT : S T A T E M E N T ;
STATISTICS : S T A T I S T I C S ;
STORAGE : S T O R A G E ;
STORED : S T O R E D ;
STRICT_ : S T R I C T ;
SUBSCRIPTION : S U B S C R I P T I O N ;
SUPPORT : S U P P O R T ;
TABLE : T A B L E ;
TABLESPACE : T A B L E S P A C E ;
TARGET : T A R G E T ;
TEMPLATE : T E M P L A T E ;
TEXT : T E X T ;
TIME : T I M E ;
TO : T O ;
TRANSFORM : T R A N S F O R M ;
TRIGGER : T R I G G E R ;
TRIGGERS : T R I G G E R S ;
TRUNCATE : T R U N C A T E ;
TYPE : T Y P E ;
UNIQUE : U N I Q U E ;
UNLOGGED : U N L O G G E D ;
UNMANAGED : U N M A N A G E D ;
UNSAFE : U N S A F E ;
UPDATE : U P D A T E ;
USER : U S E R ;
USING : U S I N G ;
VALID : V A L I D ;
VALUES : V A L U E S ;
VARYING : V A R Y I N G ;
VERSION : V E R S I O N ;
VIEW : V I E W ;
VIRTUAL : V I R T U A L ;
VOLATILE : V O L A T I L E ;
WHEN : W H E N ;
WHERE : W H E R E ;
WINDOW : W I N D O W ;
WITH : W I T H ;
WITHOUT : W I T H O U T ;
WRAPPER : W R A P P E R ;
YEAR : Y E A R ;
ZONE : Z O N E ;

// -------------------------------------------------------------------------------------------------------------- tokens

IDENTIFIER : ( LETTER | VARIABLE ) ( LETTER | DIGIT | '$' | VARIABLE )* ;
QUOTED : '"' ( ~'"' | '""' )+ '"' ;
UNICODE_QUOTED : [uU] '&' QUOTED ;
STRING
  : ( [bBxXnN] | [uU] '&' )? '\'' ( ~'\'' | '\'\'' )* '\''
  | [eE] '\'' ( ~['\\] | '\'\'' | '\\' . )* '\''
  ;
DOLLAR_STRING : '$' ( LETTER ( LETTER | DIGIT )* )? '$' { finish_dollar_string(); } ;
NUMBER : DIGIT+ ( '.' DIGIT* )? EXPONENT? | '.' DIGIT+ EXPONENT? ;
PARAMETER : '$' DIGIT+ ;

LINE_COMMENT : '--' ~[\r\n]* -> channel(HIDDEN) ;
BLOCK_COMMENT : '/*' { finish_comment(); } -> channel(HIDDEN) ;
SPACE : [ \t\r\n\f\u000B]+ -> skip ;

UNTERMINATED : '\'' ( ~'\'' | '\'\'' )* | [eE] '\'' ( ~['\\] | '\'\'' | '\\' . )* | '"' ( ~'"' | '""' )* ;
OPERATOR_CHARACTER : [+\-*/<>=~!@#%^&|`?:$] ;
UNKNOWN : . ;

fragment LETTER : [A-Za-z_] | '\u0080' .. '\u{10FFFF}' ;
fragment DIGIT : [0-9] ;
fragment EXPONENT : [eE] [+\-]? DIGIT+ ;
fragment VARIABLE : '${' [A-Za-z_] [A-Za-z0-9_]* '}' ;

fragment A : [aA] ;
fragment B : [bB] ;
fragment C : [cC] ;
fragment D : [dD] ;
fragment E : [eE] ;
fragment F : [fF] ;
fragment G : [gG] ;
fragment H : [hH] ;
fragment I : [iI] ;
fragment J : [jJ] ;
fragment K : [kK] ;
fragment L : [lL] ;
fragment M : [mM] ;
fragment N : [nN] ;
fragment O : [oO] ;
fragment P : [pP] ;
fragment Q : [qQ] ;
fragment R : [rR] ;
fragment S : [sS] ;
fragment T : [tT] ;
fragment U : [uU] ;
fragment V : [vV] ;
fragment W : [wW] ;
fragment X : [xX] ;
fragment Y : [yY] ;
fragment Z : [zZ] ;
