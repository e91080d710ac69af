@echo off
rem Runs llm2vec.
rem   JAVA_HOME     the Java to use (17 or newer); without it the java on the PATH
rem   LLM2VEC_OPTS  more options for the JVM, for instance "-Xmx4g"; they come last, so they win
setlocal
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
"%java%" "@%~dp0jvm.options" %LLM2VEC_OPTS% -cp "%~dp0..\lib\*" io.github.llm2vec4j.cli.Main %*
exit /b %errorlevel%
