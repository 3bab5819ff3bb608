package io.crmwebhooks.jq;

import io.crmwebhooks.jq.Meter.Price;
import io.crmwebhooks.jq.Metered.Role;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.internal.misc.Pair;
import net.thisptr.jackson.jq.internal.tree.ArrayConstruction;
import net.thisptr.jackson.jq.internal.tree.AssignPipeComponent;
import net.thisptr.jackson.jq.internal.tree.BreakExpression;
import net.thisptr.jackson.jq.internal.tree.Conditional;
import net.thisptr.jackson.jq.internal.tree.FieldConstruction;
import net.thisptr.jackson.jq.internal.tree.ForeachExpression;
import net.thisptr.jackson.jq.internal.tree.FormattingFilter;
import net.thisptr.jackson.jq.internal.tree.FunctionCall;
import net.thisptr.jackson.jq.internal.tree.FunctionDefinition;
import net.thisptr.jackson.jq.internal.tree.IdentifierKeyFieldConstruction;
import net.thisptr.jackson.jq.internal.tree.ImportStatement;
import net.thisptr.jackson.jq.internal.tree.JsonQueryKeyFieldConstruction;
import net.thisptr.jackson.jq.internal.tree.LabelPipeComponent;
import net.thisptr.jackson.jq.internal.tree.ModuleDirective;
import net.thisptr.jackson.jq.internal.tree.NegativeExpression;
import net.thisptr.jackson.jq.internal.tree.ObjectConstruction;
import net.thisptr.jackson.jq.internal.tree.PipeComponent;
import net.thisptr.jackson.jq.internal.tree.PipedQuery;
import net.thisptr.jackson.jq.internal.tree.RecursionOperator;
import net.thisptr.jackson.jq.internal.tree.ReduceExpression;
import net.thisptr.jackson.jq.internal.tree.StringInterpolation;
import net.thisptr.jackson.jq.internal.tree.StringKeyFieldConstruction;
import net.thisptr.jackson.jq.internal.tree.ThisObject;
import net.thisptr.jackson.jq.internal.tree.TopLevelExpression;
import net.thisptr.jackson.jq.internal.tree.TransformPipeComponent;
import net.thisptr.jackson.jq.internal.tree.TryCatch;
import net.thisptr.jackson.jq.internal.tree.Tuple;
import net.thisptr.jackson.jq.internal.tree.VariableAccess;
import net.thisptr.jackson.jq.internal.tree.VariableKeyFieldConstruction;
import net.thisptr.jackson.jq.internal.tree.binaryop.AlternativeOperatorExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.BinaryOperatorExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.BooleanAndExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.BooleanOrExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.DivideExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.MinusExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.ModuloExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.MultiplyExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.PlusExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.SimpleBinaryOperatorExpression;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.BracketExtractFieldAccess;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.BracketFieldAccess;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.IdentifierFieldAccess;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.StringFieldAccess;
import net.thisptr.jackson.jq.internal.tree.literal.ValueLiteral;
import net.thisptr.jackson.jq.internal.tree.matcher.PatternMatcher;
import net.thisptr.jackson.jq.internal.tree.matcher.matchers.ValueMatcher;

/**
 * Checks the tree of a program against the list of what it may have, and puts a {@link Metered}
 * around each expression in it. The library shows the parts of a tree to nobody, so they are read
 * and replaced by reflection; what is not on the list here is refused.
 */
final class Syntax {
  /** How an expression pays for its values. */
  private static final Map<Class<?>, Price> ALLOWED =
      Map.ofEntries(
          Map.entry(ThisObject.class, Price.STEP),
          Map.entry(PipedQuery.class, Price.STEP),
          Map.entry(Tuple.class, Price.STEP),
          Map.entry(Conditional.class, Price.STEP),
          Map.entry(TryCatch.class, Price.STEP),
          Map.entry(TryCatch.Question.class, Price.STEP),
          Map.entry(VariableAccess.class, Price.STEP),
          Map.entry(IdentifierFieldAccess.class, Price.STEP),
          Map.entry(StringFieldAccess.class, Price.STEP),
          Map.entry(BracketExtractFieldAccess.class, Price.STEP),
          Map.entry(BooleanAndExpression.class, Price.STEP),
          Map.entry(BooleanOrExpression.class, Price.STEP),
          Map.entry(AlternativeOperatorExpression.class, Price.STEP),
          Map.entry(BracketFieldAccess.class, Price.COPY),
          Map.entry(ArrayConstruction.class, Price.STEP),
          Map.entry(ObjectConstruction.class, Price.COPY),
          Map.entry(StringInterpolation.class, Price.COPY),
          Map.entry(NegativeExpression.class, Price.COPY),
          Map.entry(FormattingFilter.class, Price.WORK),
          Map.entry(FunctionCall.class, Price.WORK));

  private static final Set<Class<?>> NUMBERS_ONLY =
      Set.of(
          NegativeExpression.class,
          MinusExpression.class,
          MultiplyExpression.class,
          DivideExpression.class,
          ModuloExpression.class);

  private static final Set<Class<?>> PARTS =
      Set.of(
          TransformPipeComponent.class,
          AssignPipeComponent.class,
          ValueMatcher.class,
          IdentifierKeyFieldConstruction.class,
          StringKeyFieldConstruction.class,
          JsonQueryKeyFieldConstruction.class,
          VariableKeyFieldConstruction.class,
          Pair.class);

  private static final Map<Class<?>, String> REFUSED =
      Map.of(
          FunctionDefinition.class, "def",
          ReduceExpression.class, "reduce",
          ForeachExpression.class, "foreach",
          LabelPipeComponent.class, "label",
          BreakExpression.class, "break",
          RecursionOperator.class, "..",
          ImportStatement.class, "import",
          ModuleDirective.class, "module");

  private Syntax() {}

  /**
   * The program that pays for itself.
   *
   * @throws IllegalArgumentException when it has anything that is not allowed, in words to be read
   *     behind its name
   */
  static Expression metered(Expression program) {
    try {
      return wrapped(program, Role.COPY);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("the parts of a jq program cannot be read", e);
    }
  }

  private static Expression wrapped(Expression expression, Role role)
      throws IllegalAccessException {
    if (expression instanceof TopLevelExpression top) {
      rewrite(top, Role.COPY);
      return top;
    }
    Price price = price(expression);
    if (price == null) {
      throw refused(expression);
    }
    rewrite(expression, ofChildren(expression));
    if (expression instanceof FunctionCall) {
      Price function = Functions.price(called(expression));
      return new Metered(expression, function, function, role);
    }
    return new Metered(expression, price == Price.WORK ? price : Price.STEP, price, role);
  }

  private static Price price(Expression expression) {
    Price known = ALLOWED.get(expression.getClass());
    if (known != null) {
      return known;
    }
    if (expression instanceof ValueLiteral) {
      return Price.STEP;
    }
    return expression instanceof SimpleBinaryOperatorExpression ? Price.COPY : null;
  }

  /** The part that the expressions in this one have. */
  private static Role ofChildren(Expression expression) throws IllegalAccessException {
    if (expression instanceof FunctionCall) {
      String name = called(expression);
      if (read(expression, "moduleName") != null || !Functions.isAllowed(name)) {
        throw new IllegalArgumentException(
            "must not call %s with %s arguments".formatted((Object[]) name.split("/")));
      }
      return Functions.ofArguments(name);
    }
    if (expression instanceof FormattingFilter
        && !Functions.isFormat((String) read(expression, "name"))) {
      throw new IllegalArgumentException("must not use " + expression);
    }
    if (expression instanceof VariableAccess && read(expression, "moduleName") != null) {
      throw new IllegalArgumentException("must not use " + expression);
    }
    if (NUMBERS_ONLY.contains(expression.getClass())) {
      return Role.NUMBER;
    }
    if (expression instanceof BracketExtractFieldAccess && !expression.toString().endsWith("?")) {
      return Role.PARTS;
    }
    if (expression instanceof SimpleBinaryOperatorExpression
        && !(expression instanceof PlusExpression)) {
      return Role.READ;
    }
    return expression instanceof PlusExpression
            || expression instanceof StringInterpolation
            || expression instanceof BracketFieldAccess && (Boolean) read(expression, "isRange")
        ? Role.COPY // also what a slice is taken of: the library counts all of its characters
        : Role.ANY;
  }

  /** Replaces the expressions in an object of the tree. */
  private static void rewrite(Object part, Role role) throws IllegalAccessException {
    for (Class<?> type = part.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          field.setAccessible(true);
          Object value = field.get(part);
          Object replaced = replaced(value, ofField(part, field.getName(), role));
          if (replaced != value) {
            field.set(part, replaced);
          }
        }
      }
    }
  }

  private static Role ofField(Object part, String field, Role role) {
    if (part instanceof BracketFieldAccess && !field.equals("target")) {
      return Role.INDEX;
    }
    return part instanceof JsonQueryKeyFieldConstruction && field.equals("key") ? Role.KEY : role;
  }

  private static Object replaced(Object value, Role role) throws IllegalAccessException {
    if (value instanceof Expression expression) {
      return wrapped(expression, role);
    }
    if (value instanceof List<?> list) {
      List<Object> made = new ArrayList<>(list.size());
      for (Object element : list) {
        made.add(replaced(element, role));
      }
      return made;
    }
    if (value instanceof Pair<?, ?>
        || value instanceof PipeComponent
        || value instanceof FieldConstruction
        || value instanceof PatternMatcher
        || value instanceof ImportStatement
        || value instanceof ModuleDirective) {
      if (!PARTS.contains(value.getClass())) {
        throw refused(value);
      }
      rewrite(value, role);
    }
    return value;
  }

  private static IllegalArgumentException refused(Object part) {
    String word = REFUSED.get(part.getClass());
    if (word == null && part instanceof PatternMatcher) {
      word = "a pattern after as";
    }
    if (word == null && part instanceof BinaryOperatorExpression) {
      word = "assignments (=, |=, +=, …)";
    }
    return new IllegalArgumentException(
        "must not use " + (word == null ? part.getClass().getSimpleName() : word));
  }

  /** The name of a function, and its number of arguments. */
  private static String called(Expression call) throws IllegalAccessException {
    return (String) read(call, "name") + '/' + ((List<?>) read(call, "args")).size();
  }

  private static Object read(Object part, String name) throws IllegalAccessException {
    try {
      Field field = part.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(part);
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("another version of jackson-jq", e);
    }
  }
}
